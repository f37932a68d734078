import { type DetailedError, type HttpRequest, type HttpResponse, Upload } from 'tus-js-client';
import { Failure, Offline, type Problem } from '../api/client.ts';

/** One resumable upload. Loaded when the first file is dropped. */

/** Bytes of one request: what may have to be sent again where something on the way keeps requests until they are whole. */
const CHUNK = 64 * 1024 * 1024;

export interface Sending {
  /** Begins, or goes on where the server has come to. */
  start(): void;
  /** The server keeps what it has. */
  stop(): void;
  /** The server throws away what it has. */
  remove(): Promise<void>;
}

export interface SendingEvents {
  /** There is something to go on with from now on. */
  begun(url: string): void;
  /** Bytes that are through. The first call after each start says where it went on. */
  progress(bytes: number): void;
  done(id: string): void;
  broken(error: Failure): void;
}

/** `from`: the address of an upload that was begun before; one that the server does not know any more is begun again. */
export function createSending(file: File, from: string | undefined, on: SendingEvents): Sending {
  const upload = new Upload(file, {
    endpoint: `${location.origin}/v1/uploads`,
    uploadUrl: from,
    metadata: { filename: file.name },
    chunkSize: CHUNK,
    // When to try again is decided by whoever knows whether the server is there.
    retryDelays: null,
    storeFingerprintForResuming: false,
    onAfterResponse: refuse,
    onUploadUrlAvailable: () => on.begun(upload.url ?? ''),
    onProgress: (bytes) => on.progress(bytes),
    onSuccess: () => on.done(idOf(upload.url ?? '')),
    onError: (error) => on.broken(failureOf(error)),
  });
  return {
    start: () => upload.start(),
    stop: () => void upload.abort(),
    remove: () => upload.abort(true),
  };
}

const idOf = (url: string): string => url.split('/').at(-1) ?? '';

/** The library begins anew where it is refused: that is right only for an upload that is gone, or somebody else's. */
function refuse(request: HttpRequest, response: HttpResponse): void {
  const status = response.getStatus();
  if (status < 400 || (request.getMethod() === 'HEAD' && [403, 404, 410].includes(status))) return;
  throw new Failure(problemIn(response.getBody()), status);
}

function problemIn(body: string): Partial<Problem> {
  try {
    return JSON.parse(body);
  } catch {
    return {}; // Whatever stands between us and the server has its own pages.
  }
}

function failureOf(error: Error | DetailedError): Failure {
  const cause = 'causingError' in error ? error.causingError : undefined;
  if (cause instanceof Failure) return cause;
  return 'originalRequest' in error ? new Offline() : new Failure({ detail: error.message }, 0);
}
