import { parentPort, workerData } from 'node:worker_threads';
import { asSidestreamError, type ErrorCode } from '../core/errors.ts';
import { fetchPack, type Network } from '../rsan/packs/fetch.ts';
import type { Pack } from '../rsan/packs/pack.ts';

/** The thread of `fetchApart`: downloads a checkpoint and makes a pack of it. Any message stops it. */

export interface FetchOrder {
  readonly pack: Pack;
  readonly destination: string;
  readonly network: Network;
}

export type FromFetchLane =
  | { readonly received: number; readonly total: number | undefined }
  | { readonly done: true }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

/** Milliseconds between two words on how far it is, at least. */
const INTERVAL = 200;

const { pack, destination, network } = workerData as FetchOrder;
const say = (message: FromFetchLane) => parentPort!.postMessage(message);
const stop = new AbortController();
parentPort!.on('message', () => stop.abort());
let said = 0;
try {
  const progress = (now: { received: number; total: number | undefined }) => {
    if (now.received !== now.total && Date.now() - said < INTERVAL) return;
    said = Date.now();
    say(now);
  };
  await fetchPack(pack, { destination, network, progress }, stop.signal);
  say({ done: true });
} catch (error) {
  const { code, message } = asSidestreamError(error);
  say({ error: { code, message } });
}
// Without this the port would keep the thread alive.
parentPort!.unref();
