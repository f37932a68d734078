import { addAbortSignal, type Readable } from 'node:stream';

/**
 * Ends the stream when the signal is aborted. Its errors reach whoever reads it; one that comes before anybody does
 * (a lost connection, an abort) must not end the process, as an error that nobody listens to would.
 */
export function guardStream<T extends Readable>(stream: T, signal?: AbortSignal): T {
  stream.on('error', () => {});
  return signal ? addAbortSignal(signal, stream) : stream;
}
