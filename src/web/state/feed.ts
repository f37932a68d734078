import { effect, signal } from '@preact/signals';
import type { Clip, Job, RuleEvent, Stream } from '../api/client.ts';
import { online, recognise, who } from './session.ts';

/** What the server tells of what changes, as `GET /v1/feed` has it. One connection for the whole page. */
export interface Told {
  readonly job: Job;
  readonly 'job-removed': { readonly id: string };
  readonly stream: Stream;
  readonly 'stream-removed': { readonly id: string };
  readonly event: RuleEvent;
  readonly clip: Clip;
  readonly 'clip-removed': { readonly id: string };
}

type Kind = keyof Told;
const KINDS: readonly Kind[] = [
  ...(['job', 'job-removed', 'stream', 'stream-removed', 'event', 'clip', 'clip-removed'] as const),
];
const listeners = new Map<Kind, Set<(told: never) => void>>(KINDS.map((kind) => [kind, new Set()]));

/** Calls `listener` with what is told. Gives what ends that. */
export function onTold<K extends Kind>(kind: K, listener: (told: Told[K]) => void): () => void {
  listeners.get(kind)?.add(listener);
  return () => listeners.get(kind)?.delete(listener);
}

/** Grows with each connection: what was fetched before may have changed since, and is fetched again. */
export const connection = signal(0);

/** Milliseconds between two tries. */
const [FIRST, LONGEST] = [500, 10_000];

/** Listens for as long as somebody is signed in; asks again when the connection breaks. */
export function listen(): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST;

  function close(): void {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  }

  function connect(): void {
    close();
    const feed = new EventSource('/v1/feed');
    source = feed;
    feed.addEventListener('hello', () => {
      wait = FIRST;
      online.value = true;
      connection.value++;
    });
    for (const kind of KINDS) {
      feed.addEventListener(kind, ({ data }: MessageEvent<string>) => {
        const told = JSON.parse(data) as never;
        for (const listener of listeners.get(kind) ?? []) listener(told);
      });
    }
    feed.addEventListener('bye', () => again(0));
    feed.onerror = () => again(wait);
  }

  /** EventSource gives up for good where it is refused: we do not, and find out why. */
  function again(after: number): void {
    close();
    timer = setTimeout(async () => {
      wait = Math.min(wait * 2, LONGEST);
      await recognise().catch(() => {
        online.value = false;
      });
      if (who.value && online.value) connect();
      else if (who.value || !online.value) again(wait);
    }, after);
  }

  const back = () => again(0);
  addEventListener('online', back);
  const signedIn = signal(false);
  const stops = [
    effect(() => {
      signedIn.value = !!who.value;
    }),
    effect(() => {
      if (signedIn.value) connect();
      else close();
    }),
  ];
  return () => {
    removeEventListener('online', back);
    for (const stop of stops) stop();
    close();
  };
}
