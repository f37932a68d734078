import { readFile } from 'node:fs/promises';
import { isErrno, SidestreamError } from '../core/errors.ts';
import type { StreamView, Wish } from '../streams/streams.ts';
import type { Io } from './io.ts';
import type { ClientOptions } from './options.ts';
import { clientOf, given, printFacts, wordsBody } from './run-client.ts';
import type { AddOptions, SetOptions, SnapshotOptions } from './streams.ts';
import { table } from './table.ts';

/** Runs `sidestream streams …`. */

const pathOf = (id: string) => `/v1/streams/${encodeURIComponent(id)}`;

export async function runList(io: Io, options: ClientOptions): Promise<void> {
  const client = await clientOf(io, options);
  const { streams } = await client.ask<{ streams: StreamView[] }>('GET', '/v1/streams');
  if (options.json) return io.print(JSON.stringify(streams, null, 2));
  const rows = streams.map(({ id, name, state, stats, reason, vocabulary }) => [
    id,
    name,
    state,
    stats && state === 'live' ? `${stats.fps.toFixed(1)} fps` : '–',
    reason ? `${reason.code}: ${reason.message}` : vocabulary.join(', '),
  ]);
  io.print(rows.length > 0 ? table(rows) : 'there is no stream');
}

export async function runShow(io: Io, id: string, options: ClientOptions): Promise<void> {
  const client = await clientOf(io, options);
  printFacts(io, options, await client.ask<StreamView>('GET', pathOf(id)));
}

const settingsBody = async (options: SetOptions): Promise<object> => ({
  ...(await wordsBody(options)),
  ...given({ name: options.name, policy: options.policy, between: options.between, record: options.record }),
  ...(options.rules === undefined
    ? {}
    : { rules: options.rules === false ? null : await textOf(options.rules) }),
});

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new SidestreamError('INPUT_NOT_FOUND', `the rules ${path} cannot be read (${error.code})`);
  }
}

export async function runAdd(io: Io, url: string, options: AddOptions): Promise<void> {
  const client = await clientOf(io, options);
  const { model, transport, rtsp, hls } = options;
  const body = {
    url,
    ...(await settingsBody(options)),
    ...given({ model, transport }),
    output: given({ rtsp, hls }),
  };
  const stream = await client.ask<StreamView>('POST', '/v1/streams', body);
  io.print(options.json ? JSON.stringify(stream, null, 2) : stream.id);
}

export async function runSet(io: Io, id: string, options: SetOptions): Promise<void> {
  const body = await settingsBody(options);
  if (Object.keys(body).length === 0)
    throw new SidestreamError('USAGE', 'there is nothing to change: give --vocabulary, --policy, --name…');
  const client = await clientOf(io, options);
  const stream = await client.ask<StreamView>('PATCH', pathOf(id), body);
  if (options.json) return io.print(JSON.stringify(stream, null, 2));
  const { revision, applied = 0, state } = stream;
  io.print(`revision ${revision}: ${applied >= revision ? 'in force' : `not in force yet, it is ${state}`}`);
}

export async function runState(io: Io, id: string, state: Wish, options: ClientOptions): Promise<void> {
  const client = await clientOf(io, options);
  const stream = await client.ask<StreamView>('PATCH', pathOf(id), { state });
  io.print(options.json ? JSON.stringify(stream, null, 2) : stream.state);
}

export async function runRemove(io: Io, id: string, options: ClientOptions): Promise<void> {
  await (await clientOf(io, options)).ask('DELETE', pathOf(id));
}

export async function runSnapshot(io: Io, id: string, options: SnapshotOptions): Promise<void> {
  await (await clientOf(io, options)).save(`${pathOf(id)}/snapshot.jpg`, options.output);
  io.print(options.output);
}

/** Milliseconds between two lines for people. */
const LINE = 1000;

export async function runWatch(io: Io, id: string, options: ClientOptions): Promise<void> {
  const client = await clientOf(io, options);
  let told = Number.NEGATIVE_INFINITY;
  await client.listen(`${pathOf(id)}/events`, ({ event, data }) => {
    const content: unknown = JSON.parse(data);
    if (options.json) io.print(JSON.stringify({ event: event ?? 'message', data: content }));
    const line = options.json ? undefined : seenLine(content);
    if (line === undefined || performance.now() - told < LINE) return;
    told = performance.now();
    io.print(`${new Date().toTimeString().slice(0, 8)}  ${line}`);
  });
}

/** `3 car, 1 person`: names by how often they are seen, objects one by one or counted. Undefined for what tells of nothing seen. */
export function seenLine(content: unknown): string | undefined {
  const { seen, objects = seen } = (content ?? {}) as { seen?: unknown; objects?: unknown };
  if (!Array.isArray(objects)) return undefined;
  const counts = new Map<string, number>();
  for (const { name, count = 1 } of objects) counts.set(name, (counts.get(name) ?? 0) + Number(count));
  const most = [...counts].toSorted(([, a], [, b]) => b - a);
  return most.length > 0 ? most.map(([name, count]) => `${count} ${name}`).join(', ') : 'nothing';
}
