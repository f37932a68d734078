import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexOf } from '../../../src/media/cut/movie-index.ts';
import { type KnownTracks, openPackets, type SoundAs } from '../../../src/media/cut/segment-packets.ts';
import { type Codec, makeNumbered } from '../../fixtures/live/numbered.ts';
import { HEIGHT, type Recording, record, WIDTH } from './cut-recordings.ts';
import { never, PATHS } from './numbered.ts';

/**
 * Packets of recorded files that are read without ffmpeg, against those that ffmpeg reads. HEVC with pictures out of order has
 * edits that ffmpeg alone reads.
 */

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-index-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SOUNDS = {
  silent: undefined,
  aac: { coding: ['-c:a', 'aac', '-ac', '2'], container: 'mp4' },
  'G.711': { coding: ['-c:a', 'pcm_mulaw', '-ar', '8000'], container: 'mkv' },
};
type Sound = keyof typeof SOUNDS;

async function recording(codec: Codec, bframes: number, sound: Sound): Promise<Recording> {
  const name = `${codec}-${bframes}-${sound}`;
  const container = codec === 'mjpeg' ? 'mkv' : 'mp4';
  const silent = join(folder, `${name}.silent.${container}`);
  const size = { width: WIDTH, height: HEIGHT };
  await makeNumbered(silent, { ...size, fps: 25, codec, gop: 20, bframes, seconds: 4 });
  const about = SOUNDS[sound];
  if (!about) return await record(silent, join(folder, name), { seconds: 1.2 });
  const clip = join(folder, `${name}.${about.container}`);
  const tone = "aevalsrc='0.5*sin(880*2*PI*t)':s=48000:d=4";
  const inputs = ['-i', silent, '-f', 'lavfi', '-i', tone, '-map', '0:v', '-map', '1:a'];
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...inputs, '-c:v', 'copy', ...about.coding, clip]);
  return await record(clip, join(folder, name), { seconds: 1.2, late: (number) => (number % 7) * 311 });
}

async function packetsOf(path: string, sound: SoundAs, tracks: KnownTracks, paths = PATHS) {
  const { packets, whole } = openPackets(path, sound, { paths, tracks }, never);
  const found = [];
  for await (const { stream, key, time, data } of packets)
    found.push({ kind: stream.kind, stream, key, time, data: Buffer.from(data).toString('base64') });
  return { found, whole: whole() };
}
/** With it, whoever asks ffmpeg fails. */
const NO_FFMPEG = { ...PATHS, ffmpeg: '/nowhere/ffmpeg' };

describe('packets read without ffmpeg', () => {
  const cases = [
    ['h264', 0, 'silent'],
    ['h264', 2, 'silent'],
    ['h264', 0, 'aac'],
    ['h264', 2, 'aac'],
    ['h264', 2, 'G.711'],
    ['mjpeg', 0, 'silent'],
  ] as const;
  it.each(cases)(
    'are those that ffmpeg reads: %s, %i pictures out of order, %s',
    async (codec, bframes, sound) => {
      const { segments } = await recording(codec, bframes, sound);
      expect(segments.length).toBeGreaterThan(2);
      for (const soundAs of ['coded', 'none'] as const) {
        const known: KnownTracks = new Map();
        await packetsOf(segments[0]!.path, soundAs, known);
        const tracks = soundAs === 'coded' && sound !== 'silent' ? 2 : 1;
        expect(known.size).toBe(tracks);
        for (const { path } of segments) {
          const asked = await packetsOf(path, soundAs, new Map());
          const read = await packetsOf(path, soundAs, known, NO_FFMPEG);
          const shown = ({ found, whole }: typeof read) => ({
            whole,
            found: found.map(({ stream: _, ...rest }) => rest),
          });
          expect(shown(read)).toEqual(shown(asked));
          expect(new Set(read.found.map(({ stream }) => stream)).size).toBe(tracks);
          for (const { stream } of read.found) expect([...known.values()]).toContain(stream);
        }
      }
    },
  );

  it('are of tracks that ffmpeg knows; others, and sound that is decoded, it reads itself', async () => {
    const { segments } = await recording('h264', 0, 'aac');
    const [{ path }] = segments as [Recording['segments'][0]];
    const known: KnownTracks = new Map();
    await expect(packetsOf(path, 'coded', known, NO_FFMPEG)).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
    });
    const decoded = { rate: 48_000, channels: 2 };
    await packetsOf(path, 'coded', known);
    await expect(packetsOf(path, decoded, known, NO_FFMPEG)).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
    });
    const other = await recording('h264', 2, 'aac');
    await expect(packetsOf(other.segments[0]!.path, 'coded', known, NO_FFMPEG)).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
    });
  });

  it('are not read of what is damaged, or not as the recorder writes it', async () => {
    const { segments } = await recording('h264', 2, 'aac');
    const bytes = await readFile(segments[1]!.path);
    const tracks = indexOf(bytes)!;
    expect(tracks.map(({ kind }) => kind)).toEqual(['video', 'audio']);
    for (const length of [0, 20, bytes.length >> 1, bytes.length - 1])
      expect(indexOf(bytes.subarray(0, length))).toBeUndefined();
    // Any byte of the tables may be wrong: it is noticed, or what is found still lies in the file.
    const moov = bytes.indexOf('moov');
    for (let at = moov; at < bytes.length; at++) {
      for (const value of [0, 255]) {
        const spoiled = Buffer.from(bytes);
        spoiled[at] = value;
        for (const { samples } of indexOf(spoiled) ?? [])
          for (const { offset, size } of samples) expect(offset + size).toBeLessThanOrEqual(bytes.length);
      }
    }
    const fragmented = join(folder, 'fragmented.mp4');
    const flags = ['-c', 'copy', '-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4'];
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', '-i', segments[1]!.path, ...flags, fragmented]);
    expect(indexOf(await readFile(fragmented))).toBeUndefined();
    const later = join(folder, 'later.mp4');
    await writeFile(join(folder, 'one.mp4'), bytes);
    const trimmed = ['-ss', '0.3', '-i', join(folder, 'one.mp4'), '-c', 'copy', later];
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...trimmed]);
    expect(indexOf(await readFile(later))).toBeUndefined();
  });
});
