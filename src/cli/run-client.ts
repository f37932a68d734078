import { readFile } from 'node:fs/promises';
import { parseVocabularyFile } from '../analysis/vocabulary.ts';
import { SidestreamError } from '../core/errors.ts';
import type { JobView } from '../jobs/jobs.ts';
import { type Client, createClient } from './client.ts';
import type { Io } from './io.ts';
import type { DownloadOptions, ListOptions } from './jobs.ts';
import { type ClientOptions, settingsOf, type WordOptions } from './options.ts';
import { createMeter, remarks } from './progress.ts';
import type { SubmitOptions } from './submit.ts';
import { table } from './table.ts';

/** Runs `sidestream submit` and `sidestream jobs …`. */

export async function clientOf(io: Io, { config: file, server, key }: ClientOptions): Promise<Client> {
  const flags = { 'client.server': server, 'client.key': key };
  const { config } = await settingsOf(file === undefined ? {} : { config: file }, flags);
  return createClient(config.client, io.signal);
}

export async function runSubmit(io: Io, input: string, options: SubmitOptions): Promise<void> {
  const client = await clientOf(io, options);
  const body = {
    ...(await bodyOf(options)),
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.association === undefined ? {} : { association: options.association }),
    ...(options.every === undefined ? {} : { every: options.every }),
    input: await inputOf(client, input, options),
  };
  const job = await client.ask<JobView>('POST', '/v1/jobs', body, headersOf(options));
  await outcome(io, client, job, options);
}

export async function runJobLabel(io: Io, id: string, options: SubmitOptions): Promise<void> {
  const client = await clientOf(io, options);
  const path = `/v1/jobs/${encodeURIComponent(id)}/label`;
  const job = await client.ask<JobView>('POST', path, await bodyOf(options), headersOf(options));
  await outcome(io, client, job, options);
}

export async function runRetry(io: Io, id: string, options: SubmitOptions): Promise<void> {
  const client = await clientOf(io, options);
  const path = `/v1/jobs/${encodeURIComponent(id)}/retry`;
  const job = await client.ask<JobView>('POST', path, undefined, headersOf(options));
  await outcome(io, client, job, options);
}

const headersOf = ({ idempotencyKey }: SubmitOptions): Record<string, string> =>
  idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };

async function inputOf(client: Client, input: string, { onServer, quiet }: SubmitOptions): Promise<object> {
  if (onServer) return { path: input };
  if (/^https?:\/\//i.test(input)) return { url: input };
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(input))
    throw new SidestreamError('USAGE', `${input}: only http and https addresses can be given to a server`);
  const shown = !quiet && process.stderr.isTTY;
  const upload = await client.upload(input, (sent, total) => {
    if (shown) process.stderr.write(`\ruploading ${Math.floor((100 * sent) / Math.max(1, total))} %\u001b[K`);
  });
  if (shown) process.stderr.write('\r\u001b[K');
  return { upload };
}

/** The names to look for, as the API has them. */
export async function wordsBody(options: WordOptions): Promise<object> {
  const { vocabulary, vocabularyFile, expand, things, stuff } = options;
  const words =
    vocabularyFile === undefined
      ? vocabulary
      : parseVocabularyFile(await readFile(vocabularyFile, 'utf8'), vocabularyFile);
  return given({ vocabulary: words, expand, things, stuff });
}

/** Without what was not given. */
export const given = (values: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

async function bodyOf(options: SubmitOptions): Promise<object> {
  const { priority, webhook, metadata } = options;
  const notes = (metadata ?? []).map((entry) => {
    const at = entry.indexOf('=');
    if (at < 1) throw new SidestreamError('USAGE', `--metadata ${entry}: write name=value, commas between`);
    return [entry.slice(0, at), entry.slice(at + 1)] as const;
  });
  const { video, format, labels } = options;
  return {
    ...(await wordsBody(options)),
    ...given({ priority, webhook }),
    ...(notes.length > 0 ? { metadata: Object.fromEntries(notes) } : {}),
    output: given({ video, format, labels }),
  };
}

/** Says what became of a job; waits for it, and saves what is wanted of it. */
async function outcome(io: Io, client: Client, job: JobView, options: SubmitOptions): Promise<void> {
  const { output, masks, panoptic, report } = options;
  const files = { video: output, masks, panoptic, report };
  const wanted = Object.entries(files).filter(([, file]) => file !== undefined);
  if (!options.wait && wanted.length === 0) {
    io.print(options.json ? JSON.stringify(job, null, 2) : job.id);
    return;
  }
  const say = remarks(io, options);
  say(`job ${job.id}`);
  const meter = options.quiet ? undefined : createMeter(process.stderr);
  let ended: JobView;
  try {
    ended = await client.follow(job.id, (state) => meter?.follow(state));
  } finally {
    meter?.stop();
  }
  if (ended.error) throw new SidestreamError(ended.error.code, ended.error.message);
  if (ended.state !== 'done') throw new SidestreamError('INTERRUPTED', `job ${job.id} was ${ended.state}`);
  for (const [what, file] of wanted) await client.save(`/v1/jobs/${job.id}/${what}`, file ?? '');
  if (options.json) return io.print(JSON.stringify(ended, null, 2));
  io.print(wanted.length > 0 ? wanted.map(([, file]) => file).join('\n') : job.id);
}

export async function runList(io: Io, options: ListOptions): Promise<void> {
  const client = await clientOf(io, options);
  const query = new URLSearchParams({ limit: String(options.limit) });
  if (options.state !== undefined) query.set('state', options.state);
  if (options.label !== undefined) query.set('label', options.label);
  const { jobs } = await client.ask<{ jobs: JobView[] }>('GET', `/v1/jobs?${query}`);
  if (options.json) return io.print(JSON.stringify(jobs, null, 2));
  const rows = jobs.map(({ id, state, progress, created_at, vocabulary, error }) => [
    id,
    state,
    `${Math.floor(progress * 100)} %`,
    created_at.replace(/\.\d+Z$/, 'Z'),
    error ? `${error.code}: ${error.message}` : vocabulary.join(', '),
  ]);
  io.print(rows.length > 0 ? table(rows) : 'there is no job');
}

export async function runShow(io: Io, id: string, options: ClientOptions): Promise<void> {
  const client = await clientOf(io, options);
  printFacts(io, options, await client.ask<JobView>('GET', `/v1/jobs/${encodeURIComponent(id)}`));
}

/** All that is known of one thing, a line each. */
export function printFacts(io: Io, { json }: ClientOptions, facts: object): void {
  const rows = Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  io.print(json ? JSON.stringify(facts, null, 2) : table(rows));
}

export async function runCancel(io: Io, id: string, options: ClientOptions): Promise<void> {
  const client = await clientOf(io, options);
  const job = await client.ask<JobView>('POST', `/v1/jobs/${encodeURIComponent(id)}/cancel`);
  io.print(options.json ? JSON.stringify(job, null, 2) : job.state);
}

export async function runRemove(io: Io, id: string, options: ClientOptions): Promise<void> {
  await (await clientOf(io, options)).ask('DELETE', `/v1/jobs/${encodeURIComponent(id)}`);
}

export async function runDownload(io: Io, id: string, options: DownloadOptions): Promise<void> {
  const client = await clientOf(io, options);
  await client.save(`/v1/jobs/${encodeURIComponent(id)}/${options.what}`, options.output);
  io.print(options.output);
}
