import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ClipView, TimelineView } from '../src/clips/clips.ts';
import { gapsOf, partsOf } from '../src/clips/recording/coverage.ts';
import { projectFolder } from '../src/config/folders.ts';
import { openSqlite } from '../src/jobs/database.ts';
import type { StreamView } from '../src/streams/streams.ts';
import { annexB, makeNumbered } from '../test/fixtures/live/numbered.ts';
import { startCamera } from '../test/fixtures/live/rtsp-server.ts';
import { type Installation, install } from './installation.ts';
import { openBrowser, openReceiver } from './record-events.ts';
import { cardsIn, picturesIn } from './record-files.ts';
import { RULES, VOCABULARY } from './record-replay.ts';
import { checkEvents } from './record-told.ts';

/**
 * Records a camera whose pictures are numbered while things go wrong, and looks whether every recorded picture is found
 * once, gaps are the faults, and clips are what was asked for: `npx tsx bench/record.ts faults | chaos [seconds]`.
 * `faults`: the camera is cut off, its worker killed, the disk full; `chaos`: servers and workers are killed at 30 random
 * moments while clips are cut. SEED sets the order of events. Rules are looked for all the time, and a receiver of webhooks,
 * which fails at times itself, and a browser are told of events: all of them, and none that there is not.
 */
const [mode = 'faults', length = '300'] = process.argv.slice(2);
const seconds = Number(length);
const seed = Number(process.env.SEED ?? Date.now() % 100_000);
/** The same numbers for the same seed. */
function numbers(state: number): () => number {
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}
const random = numbers(seed);
const run = promisify(execFile);
const [WIDTH, HEIGHT, FPS, TICKS] = [640, 360, 25, 90_000];
const faults: string[] = [];
const fail = (what: string) => {
  console.log(`  WRONG: ${what}`);
  faults.push(what);
};

const folder = await mkdtemp(join(tmpdir(), 'sidestream-record-'));
const disk = join(folder, 'disk');
await mkdir(disk);
const root = process.getuid?.() === 0;
if (root) await run('mount', ['-t', 'tmpfs', '-o', 'size=600m', 'tmpfs', disk]);
try {
  await measure();
} finally {
  if (root) await run('umount', [disk]);
  await rm(folder, { recursive: true, force: true });
}
console.log(faults.length === 0 ? 'all as it should be' : `${faults.length} things are wrong`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function measure(): Promise<void> {
  console.log(`seed ${seed}, ${seconds} s`);
  const clip = await makeNumbered(join(folder, 'numbered.mp4'), {
    ...{ seconds: Math.min(seconds, 300) + 30, fps: FPS, width: WIDTH, height: HEIGHT, codec: 'h264' },
    background: join(projectFolder, 'test/fixtures/toytown/drive.mp4'),
  });
  await using camera = await startCamera({
    file: await annexB(clip, join(folder, 'numbered.h264')),
    fps: FPS,
  });
  await using receiver = await openReceiver(numbers(seed + 1));
  await using site = await install({
    durable: true,
    workers: [
      ['--queues', 'live'],
      ['--queues', 'live'],
      ['--queues', 'clips'],
    ],
    env: {
      SIDESTREAM_STORAGE__DIRECTORY: disk,
      SIDESTREAM_STORAGE__RESERVE_BYTES: '1000000',
      SIDESTREAM_SEGMENT__EXPAND: 'none',
      SIDESTREAM_EVENTS__WEBHOOKS: receiver.url,
      SIDESTREAM_WEBHOOKS__SECRET: receiver.secret,
      SIDESTREAM_JOBS__ALLOW_ADDRESSES: '127.0.0.1',
    },
    log: (line) => {
      if (/"level":(50|60)/.test(line) || process.env.LOG) console.log(line.slice(0, 400));
    },
  });
  await using browser = openBrowser(() => `${site.url}/v1/events/stream`);
  const { id } = await site.ask<StreamView>('POST', '/v1/streams', {
    ...{ url: camera.url, name: 'gate', vocabulary: VOCABULARY, record: { seconds: 4 }, rules: RULES },
  });
  await until(async () => (await timeline(site, id)).recorded.length > 0, 'a recording', 60);
  const clips = new Set<string>();
  const happened: { readonly what: RegExp; readonly from: number; readonly to: number }[] = [];
  const end = Date.now() + seconds * 1000;
  if (mode === 'chaos') await chaos();
  else if (mode === 'quiet') await sleep(seconds * 1000);
  else await inTurn();
  await site.ask('PATCH', `/v1/streams/${id}`, { state: 'stopped' });
  await until(async () => (await timeline(site, id)).gaps.at(-1)?.reason === 'STOPPED', 'the end', 60);
  await check();

  /** One fault after the other, each with room around it. */
  async function inTurn(): Promise<void> {
    const room = (seconds * 1000) / 6;
    await sleep(room);
    await during(/^CAMERA/, async () => {
      console.log('the camera is cut off');
      camera.stalled = true;
      await sleep(8000);
      camera.stalled = false;
    });
    await sleep(room);
    await during(/^WORKER_LOST|^STARTING/, async () => {
      console.log('the worker is killed');
      await killHolder();
    });
    await sleep(room);
    if (root) {
      await during(/^DISK_FULL|^OUTPUT/, async () => {
        console.log('the disk is full');
        const { stdout } = await run('df', ['--output=avail', '-B1', disk]);
        await run('fallocate', ['-l', String(Number(stdout.split('\n')[1]) - 200_000), join(disk, 'filler')]);
        await sleep(15_000);
        await rm(join(disk, 'filler'));
      });
    }
    await sleep(Math.max(room, end - Date.now()));
  }

  async function during(what: RegExp, work: () => Promise<void>): Promise<void> {
    const from = Date.now();
    await work();
    const before = (await timeline(site, id)).recorded.at(-1)?.to ?? '';
    await until(
      async () => ((await timeline(site, id)).recorded.at(-1)?.to ?? '') > before,
      'recordings again',
      60,
    );
    happened.push({ what, from, to: Date.now() });
  }

  async function killHolder(): Promise<void> {
    const { worker } = await site.ask<StreamView>('GET', `/v1/streams/${id}`);
    const holder = site.workers.find(({ pid }) => worker?.endsWith(`-${pid}`));
    if (!holder) return;
    await site.kill(holder);
    await site.addWorker(['--queues', 'live']);
  }

  async function chaos(): Promise<void> {
    for (let kills = 0; kills < 30; kills++) {
      await sleep(random() * ((seconds * 1000) / 15));
      const from = Date.now() - 20_000 * random();
      const asked = { from: String(Math.round(from)), to: String(Math.round(from + 6000 * random() + 500)) };
      await site.ask<ClipView>('POST', `/v1/streams/${id}/clips`, asked).then(
        (view) => clips.add(view.id),
        (error) => console.log(`  refused: ${String(error).slice(0, 150)}`),
      );
      await sleep(random() * 1500);
      const dice = random();
      const [what, kill] =
        dice < 0.35
          ? ['the worker that records', killHolder]
          : dice < 0.7
            ? ['the worker that cuts', killCutter]
            : (['the server', () => site.restartServer('SIGKILL')] as const);
      console.log(`${kills + 1}: ${what} is killed`);
      await (kill as () => Promise<void>)().catch((error) => console.log(`  ${String(error).slice(0, 150)}`));
    }
  }

  async function killCutter(): Promise<void> {
    const cutter = site.workers.find(({ spawnargs }) => spawnargs.includes('clips'));
    if (!cutter) return;
    await site.kill(cutter);
    await site.addWorker(['--queues', 'clips']);
  }

  async function check(): Promise<void> {
    await sleep(3000);
    const cards = await cardsIn(join(disk, 'recordings', id));
    // The index is what lies in the storage.
    await site.restartServer('SIGKILL');
    await sleep(3000);
    const db = openSqlite(join(site.folder, 'data', 'records.sqlite'), [], 'FULL');
    const known = new Set(
      (db.prepare('SELECT key FROM segments').all() as { key: string }[]).map(({ key }) => key),
    );
    db.close();
    for (const { key } of cards) if (!known.has(key)) fail(`${key} is not in the index`);
    if (known.size !== cards.length) fail(`${known.size} segments in the index, ${cards.length} cards`);

    // Every recorded picture is there once, and in order.
    const recorded = cards.filter(({ card }) => card.video).map(({ card, path }) => ({ ...card, path }));
    recorded.sort((a, b) => a.begin - b.begin || a.token - b.token);
    const parts = partsOf(recorded);
    const truth: { readonly time: number; readonly number: number }[] = [];
    for (const { segment, from, to } of parts) {
      const pictures = await picturesIn(segment.path.replace(/json$/, 'mp4'), segment.begin, [WIDTH, HEIGHT]);
      if (pictures.length !== segment.video?.frames) fail(`${segment.path} has ${pictures.length} pictures`);
      truth.push(...pictures.filter(({ time }) => time >= from && time < to));
    }
    let jumps = 0;
    const now = await timeline(site, id);
    for (const [i, { time, number }] of truth.entries()) {
      const last = truth[i - 1];
      if (last === undefined || number === last.number + 1) continue;
      const isInGap = now.gaps.some(
        ({ from, to }) => Date.parse(from) * 90 <= time && Date.parse(to) * 90 >= last.time,
      );
      if (isInGap || number === 0) jumps++;
      else fail(`picture ${number} follows ${last.number} at ${new Date(time / 90).toISOString()}`);
    }
    const total = recorded.reduce((sum, { video }) => sum + (video?.frames ?? 0), 0);
    console.log(
      `${cards.length} cards, ${truth.length} pictures of ${total} in files, ${jumps} jumps at gaps`,
    );

    // Gaps are the faults.
    const missing = cards.flatMap(({ card }) => card.missing);
    const [begin, over] = [truth[0].time, truth[truth.length - 1].time];
    const computed = gapsOf(parts, missing, begin, over, () => 'WORKER_LOST');
    console.log(
      `gaps: ${computed.map((gap) => `${gap.reason} ${((gap.to - gap.from) / TICKS).toFixed(1)} s`).join(', ')}`,
    );
    for (const { what, from, to } of happened) {
      const found = now.gaps.find(
        (gap) => what.test(gap.reason) && Date.parse(gap.to) > from - 6000 && Date.parse(gap.from) < to,
      );
      if (!found)
        fail(`no gap ${what} from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}`);
    }
    const inFault = ({ from, to }: { from: string; to: string }) =>
      happened.some((one) => Date.parse(to) > one.from - 6000 && Date.parse(from) < one.to + 1000);
    for (const gap of now.gaps) {
      if (mode === 'faults' && !inFault(gap) && !/^(STARTING|STOPPED)$/.test(gap.reason))
        fail(`a gap that nobody made: ${JSON.stringify(gap)}`);
    }

    // Clips begin and end where they are asked to.
    for (let i = 0; i < 12; i++) {
      const first = Math.floor(random() * (truth.length - 20));
      const last = Math.min(truth.length - 1, first + 5 + Math.floor(random() * 200));
      const [from, to] = [Math.ceil(truth[first].time / 90 - 1), Math.ceil(truth[last].time / 90 - 1)];
      const made = await site.ask<ClipView>('POST', `/v1/streams/${id}/clips`, {
        from: String(from),
        to: String(to),
      });
      await compare(made.id, truth);
    }
    for (const clip of clips) await compare(clip, truth);
    await checkEvents({ site, receiver, browser, cards, recorded: now.recorded }, fail);
    const files = await readdir(disk, { recursive: true });
    for (const name of files) if (/partial/.test(name) && !/incoming/.test(name)) fail(`${name} lies about`);
  }

  async function compare(clip: string, truth: readonly { time: number; number: number }[]): Promise<void> {
    const view = await until(
      async () => {
        const now = await site.ask<ClipView>('GET', `/v1/clips/${clip}`);
        return (now.state === 'done' || now.state === 'failed') && now;
      },
      `clip ${clip}`,
      120,
    );
    const [from, to] = [Date.parse(view.from) * 90, Date.parse(view.to) * 90];
    const wanted = truth.filter(({ time }) => time >= from && time < to).map(({ number }) => number);
    if (view.state === 'failed') {
      if (wanted.length > 0)
        fail(`clip ${clip}: ${JSON.stringify(view.error)}, and ${wanted.length} pictures are there`);
      return;
    }
    const answer = await fetch(`${site.url}/v1/clips/${clip}/video`);
    const file = join(folder, 'clip.mp4');
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    const found = (await picturesIn(file, 0, [WIDTH, HEIGHT])).map(({ number }) => number);
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      fail(
        `clip ${clip} from ${view.from} has ${found.length} pictures ${found[0]}–${found.at(-1)}, not ${wanted.length} ${wanted[0]}–${wanted.at(-1)}`,
      );
    else console.log(`  clip of ${found.length} pictures, ${found[0]}–${found.at(-1)}, as asked for`);
  }
}

function timeline(site: Installation, id: string): Promise<TimelineView> {
  return site.ask<TimelineView>('GET', `/v1/streams/${id}/timeline?from=now-1h`);
}

async function until<T>(
  look: () => Promise<T | undefined | false>,
  what: string,
  patience: number,
): Promise<T> {
  for (const end = Date.now() + patience * 1000; ; await sleep(200)) {
    const found = await look().catch((error) => {
      if (process.env.LOG) console.log(String(error).slice(0, 300)); // The server may be away for a moment.
    });
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
  }
}
