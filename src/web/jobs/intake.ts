import { computed, effect, signal } from '@preact/signals';
import { fnv1a } from '../../core/hash.ts';
import { api, asked, Failure } from '../api/client.ts';
import { connection } from '../state/feed.ts';
import { recognise, who } from '../state/session.ts';
import { requestOf, type Wish } from './job-request.ts';
import { tellMade } from './made.ts';
import type { Sending } from './tus.ts';
import { createRate, type Rate } from './upload-rate.ts';
import {
  changeUpload,
  fingerprintOf,
  forgetUpload,
  type KeptUpload,
  keepUpload,
  leftUploads,
} from './upload-shelf.ts';

/**
 * Videos on their way to becoming jobs. They go on while other screens are looked at. A video is there (by upload, or as an
 * address), and somebody has said what is wanted of it: with both it is submitted, and is a job.
 */
export interface Intake {
  readonly id: string;
  readonly name: string;
  /** `left`: the server has all of it from an earlier visit. */
  readonly source: { readonly file: File } | { readonly url: string } | { readonly left: true };
  /**
   * `waiting`: for its turn. `sending`: its bytes go through. `away`: the server cannot be reached, and is tried again.
   * `here`: the server has it. `submitting`: it becomes a job. `refused`: `error` says why.
   */
  readonly phase: 'waiting' | 'sending' | 'paused' | 'away' | 'here' | 'submitting' | 'refused';
  /** Bytes, of `size`. */
  readonly sent: number;
  readonly size: number;
  /** Bytes a second. */
  readonly rate?: number | undefined;
  /** Bytes that were there from an earlier try. */
  readonly resumed?: number | undefined;
  /** What is wanted; undefined: it waits in the form. */
  readonly wish?: Wish | undefined;
  /** Why it has not become a job. */
  readonly error?: Failure | undefined;
}

/** Files that are sent at a time. */
const PARALLEL = 2;
/** Milliseconds between two tries, and between two changes that are shown. */
const [FIRST, LONGEST, SHOWN] = [1000, 10_000, 200];
/** Milliseconds between two signs of life to other tabs. */
const ALIVE = 5000;

export const intakes = signal<readonly Intake[]>([]);
/** Those that nobody has said of what is wanted. */
export const drafts = computed(() => intakes.value.filter(({ wish }) => wish === undefined));
/** Those that become jobs by themselves. */
export const underWay = computed(() => intakes.value.filter(({ wish }) => wish !== undefined));

/** What is not to be shown: handles, timers, where an upload goes on. */
interface Engine {
  sending?: Sending;
  upload?: string;
  kept?: string;
  tries: number;
  timer?: ReturnType<typeof setTimeout>;
  readonly rate: Rate;
  shown: number;
  /** The server has all of it. */
  whole: boolean;
  /** The server had lost the upload, and it was sent anew. */
  lost: boolean;
}
const engines = new Map<string, Engine>();
const newEngine = (): Engine => ({ tries: 0, rate: createRate(), shown: 0, whole: false, lost: false });

const get = (id: string): Intake | undefined => intakes.value.find((one) => one.id === id);
function patch(id: string, change: Partial<Intake>): void {
  intakes.value = intakes.value.map((one) => (one.id === id ? { ...one, ...change } : one));
}

export function addFiles(files: readonly File[]): void {
  const left = leftUploads();
  for (const file of files) {
    const id = randomId();
    const kept = left.find((one) => one.file === fingerprintOf(file));
    engines.set(id, { ...newEngine(), ...(kept ? { kept: kept.key, upload: kept.url } : {}) });
    if (kept) changeUpload(kept.key, { alive: Date.now() });
    const shown = { name: file.name, size: file.size, sent: kept?.sent ?? 0, wish: kept?.wish };
    intakes.value = [...intakes.value, { id, source: { file }, phase: 'waiting', ...shown }];
  }
  startNext();
}

/** Takes up what was uploaded before, and has become no job. */
export function addLeft({ key, name, size, url, wish }: KeptUpload): void {
  const id = randomId();
  engines.set(id, { ...newEngine(), whole: true, kept: key, upload: url.split('/').at(-1) });
  changeUpload(key, { alive: Date.now() });
  const shown = { name, size, sent: size, wish };
  intakes.value = [...intakes.value, { id, source: { left: true }, phase: 'here', ...shown }];
  void submitWhenReady(id);
}

/** `url`: http or https. */
export function addAddress(url: string): void {
  const id = randomId();
  engines.set(id, { ...newEngine(), whole: true });
  intakes.value = [...intakes.value, { id, name: url, source: { url }, phase: 'here', sent: 0, size: 0 }];
}

/** Says what is wanted of all that wait in the form. */
export function submitDrafts(wish: Wish): void {
  for (const { id, phase } of drafts.value) {
    patch(id, { wish, error: undefined });
    const { kept } = engines.get(id) ?? {};
    if (kept) changeUpload(kept, { wish });
    if (phase === 'refused') retry(id);
    else void submitWhenReady(id);
  }
}

export function pause(id: string): void {
  stop(id);
  patch(id, { phase: 'paused', rate: undefined });
  startNext();
}

/** Goes on with what is paused or away, or was refused. */
export function retry(id: string): void {
  const one = get(id);
  const engine = engines.get(id);
  if (!one || !engine) return;
  clearTimeout(engine.timer);
  engine.tries = 0;
  patch(id, { phase: engine.whole ? 'here' : 'waiting', error: undefined });
  if (engine.whole) void submitWhenReady(id);
  else startNext();
}

/** Away with it, here and at the server. */
export async function cancel(id: string): Promise<void> {
  const { sending, kept, whole } = engines.get(id) ?? {};
  stop(id);
  drop(id);
  if (kept) forgetUpload(kept);
  startNext();
  // One that the server has whole stays there until it is cleared away: it would refuse.
  if (!whole) await sending?.remove().catch(() => undefined);
}

function drop(id: string): void {
  engines.delete(id);
  intakes.value = intakes.value.filter((one) => one.id !== id);
}

function stop(id: string): void {
  const engine = engines.get(id);
  clearTimeout(engine?.timer);
  engine?.sending?.stop();
  engine?.rate.clear();
}

function startNext(): void {
  const busy = intakes.value.filter(
    ({ phase, source }) => 'file' in source && (phase === 'sending' || phase === 'away'),
  );
  const waiting = intakes.value.filter(({ phase }) => phase === 'waiting');
  for (const { id } of waiting.slice(0, Math.max(0, PARALLEL - busy.length))) void send(id);
}

async function send(id: string): Promise<void> {
  const one = get(id);
  const engine = engines.get(id);
  if (!one || !engine || !('file' in one.source)) return;
  const { file } = one.source;
  patch(id, { phase: 'sending', error: undefined });
  engine.rate.clear();
  try {
    engine.sending ??= (await import('./tus.ts')).createSending(file, engine.upload, {
      begun: (url) => keep(id, file, url),
      progress: (bytes) => progress(id, bytes),
      done: (upload) => arrived(id, upload),
      broken: (error) => broken(id, error),
    });
  } catch {
    // The page's own files are at the same server.
    return later(id);
  }
  // It may have been paused or cancelled meanwhile.
  if (get(id)?.phase === 'sending') engine.sending.start();
}

function keep(id: string, file: File, url: string): void {
  const engine = engines.get(id);
  if (!engine || engine.upload === url) return;
  // Where it was begun anew, what was kept is of no use any more.
  if (engine.kept) forgetUpload(engine.kept);
  engine.upload = url;
  const now = Date.now();
  const { name, size } = file;
  const wish = get(id)?.wish;
  engine.kept = keepUpload({
    file: fingerprintOf(file),
    name,
    size,
    sent: 0,
    url,
    begun: now,
    alive: now,
    wish,
  });
}

function progress(id: string, bytes: number): void {
  const engine = engines.get(id);
  const one = get(id);
  if (!engine || (one?.phase !== 'sending' && one?.phase !== 'away')) return;
  const now = Date.now();
  engine.rate.add(bytes, now);
  engine.tries = 0;
  if (engine.shown === 0 && bytes > 0) patch(id, { resumed: bytes });
  if (now - engine.shown < SHOWN && bytes < one.size) return;
  engine.shown = now;
  patch(id, { phase: 'sending', sent: bytes, rate: engine.rate.value(now) });
}

function arrived(id: string, upload: string): void {
  const engine = engines.get(id);
  const one = get(id);
  if (!engine || !one) return;
  engine.sending = undefined;
  engine.upload = upload;
  engine.whole = true;
  engine.tries = 0;
  patch(id, { phase: 'here', sent: one.size, rate: undefined });
  if (engine.kept) changeUpload(engine.kept, { sent: one.size, alive: Date.now() });
  startNext();
  void submitWhenReady(id);
}

/** What will be otherwise in a moment is tried again by itself. */
const passes = ({ status }: Failure): boolean =>
  status === 0 || [401, 408, 409, 423, 429].includes(status) || (status >= 500 && status !== 507);

function broken(id: string, error: Failure): void {
  if (error.status === 401) void recognise();
  if (passes(error)) later(id);
  else {
    patch(id, { phase: 'refused', error, rate: undefined });
    startNext();
  }
}

function later(id: string): void {
  const engine = engines.get(id);
  if (!engine) return;
  engine.rate.clear();
  patch(id, { phase: 'away', rate: undefined });
  const wait = Math.min(LONGEST, FIRST * 2 ** engine.tries++);
  engine.timer = setTimeout(again, wait, id);
}

function again(id: string): void {
  const one = get(id);
  if (one?.phase !== 'away') return;
  clearTimeout(engines.get(id)?.timer);
  // Until somebody has signed in again there is no use in trying.
  if (!who.value) later(id);
  else if (!engines.get(id)?.whole) void send(id);
  else {
    patch(id, { phase: 'here' });
    void submitWhenReady(id);
  }
}

async function submitWhenReady(id: string): Promise<void> {
  const one = get(id);
  const engine = engines.get(id);
  if (one?.phase !== 'here' || !one.wish || !engine) return;
  const input = 'url' in one.source ? { url: one.source.url } : { upload: engine.upload ?? '' };
  const body = requestOf(input, 'url' in one.source ? undefined : one.name, one.wish);
  patch(id, { phase: 'submitting' });
  try {
    // The same video with the same words is one job, however often it has to be asked for, also after a reload.
    const key = `${'url' in one.source ? id : input.upload}-${fnv1a(JSON.stringify(body)).toString(36)}`;
    const header = { 'idempotency-key': key };
    const job = await asked(api.POST('/v1/jobs', { params: { header }, body }));
    if (engine.kept) forgetUpload(engine.kept);
    drop(id);
    tellMade(job);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    refused(id, error);
  }
}

function refused(id: string, error: Failure): void {
  const one = get(id);
  const engine = engines.get(id);
  if (!one || !engine) return;
  if (error.code === 'INPUT_NOT_FOUND' && 'file' in one.source && !engine.lost) {
    if (engine.kept) forgetUpload(engine.kept);
    Object.assign(engine, { lost: true, whole: false, upload: undefined, kept: undefined });
    patch(id, { phase: 'waiting', sent: 0 });
    startNext();
  } else if (passes(error) && error.status !== 409) later(id);
  else {
    // Back into the form, where it can be mended.
    patch(id, { phase: 'here', wish: undefined, error });
    if (engine.kept) changeUpload(engine.kept, { wish: undefined });
  }
}

/** Hexadecimal; also where the page came over plain HTTP. */
const randomId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

// The server is there again, or the network: whatever is away is tried at once.
function tryAll(): void {
  for (const { id, phase } of intakes.peek()) if (phase === 'away') again(id);
}
effect(() => {
  if (connection.value > 0 && who.value) queueMicrotask(tryAll);
});
addEventListener('online', tryAll);
/** Tells other tabs, and this one when it comes back, how far everything is. */
function note(alive: number): void {
  for (const [id, { kept, whole }] of engines) {
    const { sent = 0, size = 0 } = get(id) ?? {};
    // What was sent to its last byte may still be lost on the way.
    if (kept) changeUpload(kept, { sent: whole ? size : Math.min(sent, size - 1), alive });
  }
}
setInterval(() => note(Date.now()), ALIVE);
// Other tabs may take over at once what this one has not finished.
addEventListener('pagehide', () => note(0));

/** Leaving now would stop what only goes on with the file at hand. */
const ask = (event: Event): void => event.preventDefault();
effect(() => {
  const busy = intakes.value.some(({ phase }) =>
    ['waiting', 'sending', 'away', 'submitting'].includes(phase),
  );
  if (busy) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
});
