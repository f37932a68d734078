import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { Submitter } from '../jobs/jobs.ts';
import { type JobRequest, jobRequestSchema } from '../jobs/request.ts';
import { invalid, RequestFault } from './errors.ts';
import type { AppDeps } from './settings.ts';

/** A job that comes as multipart/form-data, with its file. */

/** Bytes beside the file: heads and borders of the parts. */
const OVERHEAD = 100_000;
/** An upload's id while none is known; what is wanted is checked before the file is taken. */
const NOT_YET = '00000000';

/**
 * Reads the form and takes its file as an upload. With an idempotency key the upload's id follows from the key and the
 * file, so that the same form again is the same request. Nothing of a form that fails is left in the upload folder.
 * Throws USAGE, INPUT_TOO_LARGE, and what taking an upload throws.
 */
export async function readJobForm(
  request: FastifyRequest,
  { id: submitter }: Submitter,
  idempotencyKey: string | undefined,
  { uploads, settings }: Pick<AppDeps, 'uploads' | 'settings'>,
): Promise<JobRequest> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > uploads.maxBytes + settings.bodyBytes + OVERHEAD) throw tooLarge(uploads.maxBytes);
  await uploads.check(announced, { id: submitter });

  const path = join(uploads.folder, `form-${randomBytes(16).toString('hex')}`);
  const fields = new Map<string, unknown>();
  let file: { readonly name: string; readonly digest: string } | undefined;
  try {
    const parts = request.parts({
      limits: {
        // The part `job` counts as a file where a client names it.
        files: 2,
        fields: 30,
        parts: 32,
        fieldSize: settings.bodyBytes,
        fieldNameSize: 100,
        fileSize: uploads.maxBytes,
        headerPairs: 20,
      },
    });
    for await (const part of parts) {
      const { fieldname } = part;
      if (fields.has(fieldname) || (fieldname === 'file' && file)) {
        throw new RequestFault('USAGE', `form: the part ${quoted(fieldname)} comes twice`);
      }
      if (part.type === 'field') {
        if (part.valueTruncated || part.fieldnameTruncated) throw tooLong(fieldname);
        fields.set(fieldname, part.value);
      } else if (fieldname === 'file') {
        file = { name: part.filename || 'upload', digest: await save(part, path, uploads.maxBytes) };
      } else if (fieldname === 'job') {
        fields.set('job', await text(part, settings.bodyBytes));
      } else {
        part.file.destroy();
        throw new RequestFault(
          'USAGE',
          `form: the file must be in the part "file", not ${quoted(fieldname)}`,
        );
      }
    }
    if (!file) throw new RequestFault('USAGE', 'form: there must be a part "file" with a file name');
    const wanted = wantedBy(fields);
    const id = idempotencyKey === undefined ? undefined : idOf(submitter, idempotencyKey, file.digest);
    const upload = await uploads.take(path, {
      fileName: file.name,
      submitter: { id: submitter },
      ...(id === undefined ? {} : { id }),
    });
    return { ...wanted, input: { upload: upload.id } };
  } catch (error) {
    await rm(path, { force: true });
    throw isMalformed(error) ? new RequestFault('USAGE', `form: ${error.message}`, { cause: error }) : error;
  }
}

/** What the parser says of a form that is none has no code. */
const isMalformed = (error: unknown): error is Error =>
  error instanceof Error && /^Multipart: |multipart data$|^Malformed part header/.test(error.message);

const quoted = (name: string) => JSON.stringify(name.slice(0, 100));
const tooLong = (name: string) =>
  new RequestFault('USAGE', `form: the part ${quoted(name)} is too long`, { status: 413 });
const tooLarge = (bytes: number) =>
  new RequestFault('INPUT_TOO_LARGE', `the file is larger than the ${bytes} bytes that are allowed`);

const idOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/** Writes the part to a new file, and returns its SHA-256. */
async function save(part: MultipartFile, path: string, maxBytes: number): Promise<string> {
  const hash = createHash('sha256');
  // Without this the rest of a file that is too large would still be read.
  part.file.once('limit', () => part.file.destroy(tooLarge(maxBytes)));
  const hashed = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(part.file, hashed, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  if (part.file.truncated) throw tooLarge(maxBytes);
  return hash.digest('hex');
}

async function text(part: MultipartFile, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLong(part.fieldname);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function wantedBy(fields: ReadonlyMap<string, unknown>): JobRequest {
  const wanted = fields.has('job') ? whole(fields) : single(fields);
  const read = jobRequestSchema.safeParse({ ...wanted, input: { upload: NOT_YET } });
  if (!read.success) throw invalid(read.error, 'form');
  return read.data;
}

function whole(fields: ReadonlyMap<string, unknown>): object {
  if (fields.size > 1) {
    throw new RequestFault(
      'USAGE',
      'form: what is wanted comes in the part "job" or in single parts, not both',
    );
  }
  const given = fields.get('job');
  const wanted = typeof given === 'string' ? json('job', given) : given;
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) {
    throw new RequestFault('USAGE', 'form.job: must be a JSON object');
  }
  if (Object.hasOwn(wanted, 'input')) {
    throw new RequestFault('USAGE', 'form.job.input: the input is the part "file"');
  }
  return wanted;
}

type Reading = (text: string, name: string) => unknown;
const words: Reading = (text, name) => (text.trimStart().startsWith('[') ? json(name, text) : text);
const list: Reading = (text, name) =>
  text.trimStart().startsWith('[')
    ? json(name, text)
    : text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '');
const plain: Reading = (text) => text;
const number: Reading = (text) => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : text);
const truth: Reading = (text) => ({ true: true, false: false, 1: true, 0: false })[text.trim()] ?? text;
const object: Reading = (text, name) => json(name, text);
const address: Reading = (text, name) => (text.trimStart().startsWith('{') ? json(name, text) : text);

const READINGS: Readonly<Record<Exclude<keyof JobRequest, 'input'>, Reading>> = {
  vocabulary: words,
  expand: plain,
  things: list,
  stuff: list,
  output: object,
  priority: plain,
  webhook: address,
  metadata: object,
  model: plain,
  association: plain,
  every: number,
  short_side: number,
  deinterlace: truth,
};

function single(fields: ReadonlyMap<string, unknown>): object {
  const wanted: Record<string, unknown> = {};
  for (const [name, value] of fields) {
    if (!Object.hasOwn(READINGS, name)) {
      throw new RequestFault('USAGE', `form: there is no part ${quoted(name)}`);
    }
    const reading = READINGS[name as keyof typeof READINGS];
    wanted[name] = typeof value === 'string' ? reading(value, name) : value;
  }
  return wanted;
}

/** As for JSON bodies: a key that could reach prototypes is refused. */
function json(name: string, text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__') throw new SyntaxError('the key __proto__ is not allowed');
      return value;
    });
  } catch (error) {
    throw new RequestFault('USAGE', `form.${name}: is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
