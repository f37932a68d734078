import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { table } from '../src/cli/table.ts';
import { projectFolder } from '../src/config/folders.ts';

/**
 * Runs `segment` over every file of a folder and says how each came out: `npm run torture -- DIR [options of segment]`.
 * A file passes when its frames all come out at their own times, with its audio, or when it is refused in one line
 * with status 65 or 66; and when no process and no file is left behind. Exits 1 if any file does not pass.
 */

const LIMIT_S = Number(process.env.TORTURE_LIMIT_S ?? 900);
const CLI = join(projectFolder, 'dist', 'cli.js');

interface Verdict {
  readonly passed: boolean;
  readonly row: readonly string[];
}

async function main(): Promise<void> {
  const [folder, ...options] = process.argv.slice(2);
  if (!folder || !existsSync(folder)) throw new Error('usage: npm run torture -- DIR [options of segment]');
  const files = readdirSync(folder).filter(
    (name) => statSync(join(folder, name)).isFile() && !/\.(md|json)$/.test(name),
  );
  const out = await mkdtemp(join(tmpdir(), 'sidestream-torture-'));
  const verdicts: Verdict[] = [];
  try {
    for (const file of files.sort()) {
      const verdict = await torture(join(folder, file), out, options);
      verdicts.push(verdict);
      process.stderr.write(`${verdict.passed ? '✓' : '✗'} ${verdict.row.join('  ')}\n`);
    }
  } finally {
    rmSync(out, { recursive: true });
  }
  const head = ['', 'file', 'status', 's', 'frames', 'pts', 'duration', 'audio', 'what was said'];
  const rows = verdicts.map(({ passed, row }) => [passed ? '✓' : '✗', ...row]);
  process.stdout.write(`${table([head, ...rows])}\n`);
  const failed = verdicts.filter(({ passed }) => !passed).length;
  process.stdout.write(`${verdicts.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function torture(input: string, out: string, options: readonly string[]): Promise<Verdict> {
  const output = join(out, 'out.mp4');
  const begun = performance.now();
  const { status, stderr } = await run([
    CLI,
    'segment',
    input,
    '-o',
    output,
    '--force',
    '--quiet',
    ...options,
  ]);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const left = readdirSync(out).filter((name) => name !== 'out.mp4');
  const processes = leftProcesses(out);
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const clean = left.length === 0 && processes.length === 0;
  const name = basename(input);
  const litter = clean ? '' : `left behind: ${[...left, ...processes].join(', ')}`;
  if (status !== 0) {
    const oneLine = /^error [A-Z_]+: .+/.test(said) && stderr.trim().split('\n').length === 1;
    const passed = (status === 65 || status === 66) && oneLine && clean && !existsSync(output);
    return { passed, row: [name, String(status), seconds, '', '', '', '', litter || said.slice(0, 110)] };
  }
  const [source, result] = [facts(input), facts(output)];
  const frames = `${source.pts.length}→${result.pts.length}`;
  // Matroska and MP4 round differently; a millisecond is below any frame.
  const samePts =
    source.pts.length === result.pts.length &&
    source.pts.every((time, i) => Math.abs(time - result.pts[i]) < 1.1e-3);
  const frame = source.pts.length > 1 ? (source.pts.at(-1)! - source.pts[0]) / (source.pts.length - 1) : 1;
  const span = ({ pts }: Facts) => (pts.at(-1) ?? 0) - (pts[0] ?? 0);
  const duration = span(result) - span(source);
  const sameAudio = source.audio === result.audio;
  const passed = samePts && Math.abs(duration) <= frame && sameAudio && clean;
  rmSync(output, { force: true });
  const row = [
    name,
    '0',
    seconds,
    frames,
    samePts ? 'same' : 'differ',
    `${duration >= 0 ? '+' : ''}${duration.toFixed(3)}`,
  ];
  return { passed, row: [...row, sameAudio ? 'same' : `${source.audio} → ${result.audio}`, litter] };
}

function run(args: readonly string[]): Promise<{ status: number; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LIMIT_S * 1000,
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ status: code ?? -1, stderr: signal ? `${stderr}${signal}` : stderr }),
    );
  });
}

interface Facts {
  /** Presentation times of the frames, in seconds. */
  readonly pts: readonly number[];
  /** Seconds of sound in each audio stream, decoded. */
  readonly audio: string;
}

function facts(file: string): Facts {
  const ffprobe = (args: readonly string[]) =>
    spawnSync('ffprobe', ['-v', 'quiet', ...args, '-of', 'csv=p=0', `file:${file}`], {
      maxBuffer: 1 << 28,
    }).stdout.toString();
  const streams = ffprobe([
    '-show_entries',
    'stream=index,codec_type,width,height:stream_disposition=attached_pic',
  ]);
  const videos = streams.split('\n').flatMap((line) => {
    const [index, type, width, height, cover] = line.split(',');
    return type === 'video' && cover !== '1' && Number(width) > 0
      ? [{ index, pixels: Number(width) * Number(height) }]
      : [];
  });
  const chosen = videos.reduce((best, video) => (video.pixels > best.pixels ? video : best), videos[0]);
  const times = chosen ? ffprobe(['-select_streams', chosen.index, '-show_entries', 'frame=pts_time']) : '';
  const pts = times
    .split('\n')
    .map((line) => Number.parseFloat(line))
    .filter(Number.isFinite);
  const sounds = streams.split('\n').filter((line) => line.split(',')[1] === 'audio');
  const audio = sounds.map((_, i) => {
    const decoded = spawnSync(
      'ffmpeg',
      [
        '-v',
        'quiet',
        '-i',
        `file:${file}`,
        '-map',
        `0:a:${i}`,
        '-ac',
        '1',
        '-ar',
        '8000',
        '-f',
        's16le',
        'pipe:1',
      ],
      { maxBuffer: 1 << 28 },
    );
    return `${(decoded.stdout.length / 16000).toFixed(1)} s`;
  });
  return { pts, audio: audio.join(' + ') || 'none' };
}

/** Commands of processes that still work on files in `folder`. */
function leftProcesses(folder: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    const command = commandOf(pid);
    return command.includes(`${folder}/`) ? [command.slice(0, 60)] : [];
  });
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // It ended meanwhile.
  }
}

await main();
