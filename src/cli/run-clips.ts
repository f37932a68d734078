import { setTimeout as sleep } from 'node:timers/promises';
import { type ClipView, type Found, isCut } from '../clips/clips.ts';
import { SidestreamError } from '../core/errors.ts';
import type { Client } from './client.ts';
import type { ClipCreateOptions, ClipListOptions, ClipSearchOptions } from './clips.ts';
import type { Io } from './io.ts';
import type { ClientOptions } from './options.ts';
import { listed } from './pages.ts';
import { remarks } from './progress.ts';
import { clientOf, given, printFacts, wordsBody } from './run-client.ts';
import { table } from './table.ts';

/** Runs `sidestream clips …`, but for `pull`. */

/** Milliseconds between two looks at a clip that is waited for. */
const LOOK = 1000;

export const pathOf = (id: string) => `/v1/clips/${encodeURIComponent(id)}`;

/** A time without what is below a second. */
const whole = (time: string) => time.replace(/\.\d+Z$/, 'Z');

export async function runList(io: Io, options: ClipListOptions): Promise<void> {
  const { stream, label, rule, event, state, keep, from, to, limit } = options;
  const client = await clientOf(io, options);
  const filter = { stream, label, rule, event, state, keep, from, to };
  const clips = await listed<ClipView>(client, '/v1/clips', 'clips', filter, limit);
  if (options.json) return io.print(JSON.stringify(clips, null, 2));
  const rows = clips.map((clip) => [
    clip.id,
    clip.stream_name,
    whole(clip.first ?? clip.from),
    clip.duration === undefined ? '–' : `${clip.duration.toFixed(1)} s`,
    clip.keep ? `${clip.state}, kept` : clip.state,
    clip.error ? `${clip.error.code}: ${clip.error.message}` : about(clip),
  ]);
  io.print(rows.length > 0 ? table(rows) : 'there is no clip');
}

function about({ title, rule, labels }: ClipView): string {
  const name = title ?? rule;
  return [...(name === undefined ? [] : [name]), labels.join(', ')].filter((part) => part !== '').join(': ');
}

export async function runShow(io: Io, id: string, options: ClientOptions): Promise<void> {
  const client = await clientOf(io, options);
  printFacts(io, options, await client.ask<ClipView>('GET', pathOf(id)));
}

export async function runCreate(io: Io, stream: string, options: ClipCreateOptions): Promise<void> {
  const { from, to, title, keep, tolerance, audio, output, overlay } = options;
  if (overlay && output === undefined)
    throw new SidestreamError('USAGE', '--overlay says how the video is saved: give -o too');
  const client = await clientOf(io, options);
  const body = {
    ...given({ from, to, title, keep, tolerance, audio: audio ? undefined : false }),
    ...(await wordsBody(options)),
  };
  let clip = await client.ask<ClipView>('POST', `/v1/streams/${encodeURIComponent(stream)}/clips`, body);
  if (options.wait || output !== undefined) clip = await cut(client, clip, io, options);
  if (output !== undefined)
    await client.persist(() => client.save(`${pathOf(clip.id)}/video${overlay ? '?overlay=1' : ''}`, output));
  io.print(options.json ? JSON.stringify(clip, null, 2) : (output ?? clip.id));
}

/** The clip once it is cut. Throws why it failed. */
async function cut(client: Client, begun: ClipView, io: Io, options: ClientOptions): Promise<ClipView> {
  const say = remarks(io, options);
  say(`clip ${begun.id}`);
  let clip = begun;
  for (let said = ''; !isCut(clip.state); said = clip.state) {
    if (clip.state !== said) say(clip.state);
    await sleep(LOOK, undefined, { signal: io.signal });
    clip = await client.persist(() => client.ask<ClipView>('GET', pathOf(begun.id)));
  }
  if (clip.error) throw new SidestreamError(clip.error.code, clip.error.message);
  return clip;
}

export async function runKeep(
  io: Io,
  ids: readonly string[],
  keep: boolean,
  options: ClientOptions,
): Promise<void> {
  const client = await clientOf(io, options);
  for (const id of ids) {
    const clip = await client.ask<ClipView>('PATCH', pathOf(id), { keep });
    io.print(options.json ? JSON.stringify(clip) : clip.id);
  }
}

export async function runRemove(io: Io, ids: readonly string[], options: ClientOptions): Promise<void> {
  const client = await clientOf(io, options);
  for (const id of ids) await client.ask('DELETE', pathOf(id));
}

export async function runSearch(io: Io, words: string, options: ClipSearchOptions): Promise<void> {
  const { stream, job, from, to, threshold, share, limit } = options;
  const client = await clientOf(io, options);
  const query = { q: words, stream, job, from, to, threshold, share };
  const found = await listed<Found>(client, '/v1/search', 'found', query, limit);
  const clips: (ClipView | undefined)[] = [];
  if (options.clip) for (const one of found) clips.push(await clipOf(client, one, words, options));
  if (options.json) {
    const all = found.map((one, i) => ({ ...one, ...(clips[i] ? { made: clips[i] } : {}) }));
    return io.print(JSON.stringify(all, null, 2));
  }
  if (found.length === 0) return remarks(io, options)('seen nowhere');
  const when = (time: string | number) => (typeof time === 'number' ? `${time.toFixed(2)} s` : whole(time));
  io.print(
    table([
      ['in', 'from', 'to', 'score', 'share', ...(options.clip ? ['clip'] : [])],
      ...found.map((one, i) => [
        one.stream ?? one.job ?? '',
        when(one.from),
        when(one.to),
        one.score.toFixed(3),
        `${(one.share * 100).toFixed(1)} %`,
        ...(options.clip ? [clips[i]?.id ?? '–'] : []),
      ]),
    ]),
  );
}

/** A clip of what was found; undefined in a job, whose video is there anyway. */
async function clipOf(
  client: Client,
  { clip }: Found,
  words: string,
  { keep }: ClipSearchOptions,
): Promise<ClipView | undefined> {
  if (!clip) return undefined;
  const title = words.split('|', 1)[0].trim().slice(0, 200);
  return await client.ask<ClipView>('POST', clip.url, { ...clip.body, title, ...given({ keep }) });
}
