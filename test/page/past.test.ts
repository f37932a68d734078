import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Installation } from '../../bench/installation.ts';
import type { ClipView, Found, RecordedFile, TimelineView } from '../../src/clips/clips.ts';
import type { StreamView } from '../../src/streams/streams.ts';
import type { Camera } from '../fixtures/live/rtsp-server.ts';
import { startTownCamera } from '../fixtures/live/town-camera.ts';
import { browse, onPage, openInstallation } from './harness.ts';

const FPS = 10;
/** Milliseconds that the camera is silent. */
const SILENT = 4000;

onPage('recordings', () => {
  let site: Installation;
  let camera: Camera;
  let folder: string;
  let id: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidestream-past-'));
    camera = await startTownCamera(folder, { seconds: 60, fps: FPS });
    site = await openInstallation({
      workers: [
        ['--queues', 'live'],
        ['--queues', 'clips'],
      ],
    });
    ({ id } = await site.ask<StreamView>('POST', '/v1/streams', {
      ...{ url: camera.url, name: 'gate', vocabulary: 'road, car, tree, sky' },
      // The model need not see all: it has the machine to share.
      policy: 'every:5',
      record: { seconds: 2 },
    }));
    await until(async () => (await lengthOfLast()) > 9, 'a recording');
    camera.stalled = true;
    await sleep(SILENT);
    camera.stalled = false;
    await until(async () => (await gap()) !== undefined, 'a gap between recordings');
  }, 240_000);
  afterAll(async () => {
    await camera?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const timeline = () => site.ask<TimelineView>('GET', `/v1/streams/${id}/timeline?from=now-20m&step=1`);
  /** A silence of the camera with some seconds of recording before and after it: a busy machine makes others. */
  async function gap() {
    const { gaps, recorded } = await timeline();
    const seconds = ({ from, to }: { readonly from: string; readonly to: string }) =>
      (Date.parse(to) - Date.parse(from)) / 1000;
    return gaps.find(
      (one) =>
        one.reason === 'CAMERA_SILENT' &&
        seconds(one) > 2 &&
        recorded.some((stretch) => stretch.to === one.from && seconds(stretch) > 6) &&
        recorded.some((stretch) => stretch.from === one.to && seconds(stretch) > 3),
    );
  }
  async function lengthOfLast(): Promise<number> {
    const last = (await timeline()).recorded.at(-1);
    return last ? (Date.parse(last.to) - Date.parse(last.from)) / 1000 : 0;
  }
  const addressOf = (time: number) => `/recordings?stream=${id}&at=${new Date(time).toISOString()}`;
  /** Time of the picture that is seen, by the segment that the video element has; milliseconds since 1970. */
  async function timeSeen(page: Page): Promise<number | undefined> {
    const seen = await page.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>('.past-stage video.front');
      return video && { src: new URL(video.src).pathname, second: video.currentTime };
    });
    if (!seen) return undefined;
    const { files } = await site.ask<{ files: RecordedFile[] }>(
      'GET',
      `/v1/streams/${id}/recordings?from=now-20m`,
    );
    const file = files.find(({ url }) => url === seen.src);
    return file && Date.parse(file.begin) + seen.second * 1000;
  }

  it('are on the timeline of their day, with the gap; scrubbing shows a picture, playing jumps the gap', async () => {
    const silent = (await gap())!;
    const begin = Date.parse(silent.from);
    await using browsing = await browse(site, addressOf(begin - 3000));
    const { page } = browsing;
    await page.getByRole('slider', { name: 'Time that is shown' }).waitFor();
    await until(async () => Math.abs(((await timeSeen(page)) ?? 0) - (begin - 3000)) < 500, 'the picture');
    for (let i = 0; i < 10; i++) await page.keyboard.press('+');
    const mark = page.getByRole('button', { name: `${clockOf(silent.from)}, camera silent, ` });
    await mark.focus();
    expect(await page.locator('.tl-tip').innerText()).toMatch(/camera silent/);

    // A drag along the timeline shows single pictures until one rests.
    const plot = (await page.locator('.tl-plot').boundingBox())!;
    const head = (await page.locator('.playhead').boundingBox())!;
    const picture = page.waitForResponse(
      (answer) => /picture\.jpg\?at=\d+$/.test(answer.url()) && answer.status() === 200,
    );
    await page.mouse.move(head.x, plot.y + 60);
    await page.mouse.down();
    for (let x = 0; x < 5; x++) {
      await page.mouse.move(head.x - x * 4, plot.y + 60);
      await sleep(60);
    }
    await picture;
    await page.mouse.up();
    const shown = Date.parse((await page.locator('.desk-controls time').getAttribute('datetime'))!);
    expect(shown).toBeLessThan(begin - 3000);
    await until(async () => Math.abs(((await timeSeen(page)) ?? 0) - shown) < 500, 'the picture there');
    await page.waitForURL((url) => Date.parse(url.searchParams.get('at') ?? '') === shown);

    await page.keyboard.press('k');
    await page.getByText(/left out: camera silent/).waitFor();
    await until(
      async () => ((await timeSeen(page)) ?? 0) > Date.parse(silent.to),
      'what comes after the gap',
    );
    await page.keyboard.press('k');
    let still: number | undefined;
    await until(async () => {
      const before = still;
      still = await timeSeen(page);
      return still !== undefined && still === before;
    }, 'it rests');
    await page.keyboard.press(',');
    await until(async () => {
      const step = still! - (await timeSeen(page))!;
      return step > 20 && step < 250;
    }, 'one frame back');
  });

  it('are cut by dragging, and the clip is downloaded whole', async () => {
    const { recorded } = await timeline();
    const from = Date.parse(recorded[0]!.from);
    await using browsing = await browse(site, addressOf(from + 4000));
    const { page } = browsing;
    await page.getByRole('slider', { name: 'Time that is shown' }).waitFor();
    for (let i = 0; i < 11; i++) await page.keyboard.press('+');
    const plot = (await page.locator('.tl-plot').boundingBox())!;
    const head = (await page.locator('.playhead').boundingBox())!;
    await page.keyboard.down('Shift');
    await page.mouse.move(head.x, plot.y + 60);
    await page.mouse.down();
    await page.mouse.move(head.x + 20, plot.y + 62);
    await page.mouse.move(head.x + 40, plot.y + 62);
    await page.mouse.up();
    await page.keyboard.up('Shift');
    // By keys as well: a second later.
    await page.getByRole('slider', { name: 'End of the clip' }).press('ArrowRight');
    await page.getByLabel('Title').fill('<b>at the gate</b>');
    await page.getByRole('button', { name: 'Make the clip' }).click();
    const made = page.getByRole('region', { name: 'Clips that you made here' });
    await made.getByText('ready').waitFor({ timeout: 60_000 });
    const coming = page.waitForEvent('download');
    await made.getByRole('link', { name: 'Download' }).click();
    const bytes = await readFile(await (await coming).path());
    const { clips } = await site.ask<{ clips: ClipView[] }>('GET', '/v1/clips');
    const [clip] = clips;
    expect(clip).toMatchObject({ title: '<b>at the gate</b>', state: 'done' });
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(clip!.results.video!.sha256);
    expect(Date.parse(clip!.to) - Date.parse(clip!.from)).toBeGreaterThan(1500);
    await made.getByRole('link', { name: '<b>at the gate</b>' }).click();
    await page.waitForURL(`**/clips/${clip!.id}`);
    await page.getByText('Time by the camera').waitFor();
  });

  it('lead to clips, which others keep, rename and remove', async () => {
    await using browsing = await browse(site, '/recordings?tab=clips');
    const { page } = browsing;
    const card = page.getByRole('article', { name: '<b>at the gate</b>' });
    await card.waitFor();
    await page.getByLabel('Seen in it').fill('no such name');
    await page.getByText('No such clips').waitFor();
    expect(new URL(page.url()).searchParams.get('label')).toBe('no such name');
    await page.getByRole('button', { name: 'Show all clips' }).click();
    await card.getByRole('button', { name: 'Keep' }).click();
    const { clips } = await site.ask<{ clips: ClipView[] }>('GET', '/v1/clips?keep=1');
    expect(clips).toHaveLength(1);

    const other = await browsing.tab(`/clips/${clips[0]!.id}`);
    await other.getByRole('button', { name: 'More' }).click();
    await other.getByRole('button', { name: 'Rename' }).click();
    await other.getByLabel('Title').fill('gate, again');
    await other.getByRole('button', { name: 'Save' }).click();
    const renamed = page.getByRole('article', { name: 'gate, again' });
    await renamed.waitFor();
    await renamed.getByRole('checkbox').check();
    const zip = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as ZIP' }).click();
    const packed = await readFile(await (await zip).path());
    expect(packed.subarray(0, 2).toString()).toBe('PK');
    // Whole: its end is there, and the clip is in it as it is.
    expect(packed.lastIndexOf('PK\x05\x06')).toBeGreaterThan(packed.length - 100);
    const video = await fetch(`${site.url}/v1/clips/${clips[0]!.id}/video`);
    const bytes = Buffer.from(await video.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(clips[0]!.results.video!.sha256);
    expect(packed.includes(bytes)).toBe(true);

    // Removed here, it is gone there.
    await renamed.getByRole('button', { name: /^More for/ }).click();
    await renamed.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No clips yet').waitFor();
    await other.getByText('This clip is not there any more').waitFor();
    await other.getByRole('link', { name: 'To the clips' }).click();
    await other.getByText('No clips yet').waitFor();
  });

  it('answer a question: a click plays at the right second', async () => {
    await using browsing = await browse(site, '/ask');
    const { page } = browsing;
    await page.getByRole('combobox', { name: 'What are you looking for?' }).fill('car');
    await page.keyboard.press('Enter');
    await page.locator('.found-card').first().waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('car');
    const { found } = await site.ask<{ found: Found[] }>('GET', '/v1/search?q=car&limit=24');
    await page.keyboard.press('ArrowDown');
    const at = await page.evaluate(() => {
      const card = document.activeElement?.closest('.found-card');
      return card?.querySelector('a[href^="/recordings"]')?.getAttribute('href');
    });
    const best = Date.parse(new URL(at!, site.url).searchParams.get('at')!);
    expect(found.map((one) => Date.parse(String(one.at)))).toContain(best);
    await page.evaluate(() => {
      // The first second that is played, before it goes on.
      const seen: number[] = [];
      Object.assign(globalThis, { seen });
      document.addEventListener(
        'playing',
        ({ target }) => seen.push((target as HTMLVideoElement).currentTime),
        true,
      );
    });
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.waitForFunction(() => (globalThis as unknown as { seen: number[] }).seen.length > 0);
    const [second, src] = await page.evaluate(
      () =>
        [
          (globalThis as unknown as { seen: number[] }).seen[0]!,
          new URL(document.querySelector<HTMLVideoElement>('.past-stage video.front')!.src).pathname,
        ] as const,
    );
    const { files } = await site.ask<{ files: RecordedFile[] }>(
      'GET',
      `/v1/streams/${id}/recordings?from=now-20m`,
    );
    const file = files.find(({ url }) => url === src)!;
    const played = Date.parse(file.begin) + second * 1000;
    expect(Math.abs(played - best)).toBeLessThan(500);
    const span = found.find((one) => Date.parse(String(one.at)) === best)!;
    expect(played).toBeGreaterThan(Date.parse(String(span.from)) - 1000 / FPS);
    expect(played).toBeLessThan(Date.parse(String(span.to)) + 1000 / FPS);
    await page.keyboard.press('Escape');

    await page.getByRole('combobox', { name: 'What are you looking for?' }).fill('elephant');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '“elephant” was not found' }).waitFor();
  });
});

/** As the reader in Berlin reads it. */
const clockOf = (time: string): string =>
  new Date(time).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' });

async function until(look: () => Promise<boolean>, what: string, seconds = 90): Promise<void> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(200)) {
    if (await look()) return;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
  }
}
