import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { asSidestreamError, ERRORS, type ErrorCode, SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';

/** Errors as RFC 9457 problems, with the codes of the command line. */

export const PROBLEM_TYPE = 'application/problem+json';

export interface FieldError {
  /** Where in the request: `body.input.url`, `query.limit`. */
  readonly path: string;
  readonly message: string;
  /** Where in a text, from 1. */
  readonly line?: number;
  readonly column?: number;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** The path that was asked for. */
  readonly instance?: string;
  readonly errors?: readonly FieldError[];
}

interface FaultOptions {
  /** Where HTTP has a closer status than the code's own. */
  readonly status?: number;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error with what only HTTP says of it. */
export class RequestFault extends SidestreamError {
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, { status, errors, headers = {}, cause }: FaultOptions = {}) {
    super(code, message, cause === undefined ? {} : { cause });
    this.name = 'RequestFault';
    this.status = status ?? ERRORS[code].http;
    this.errors = errors;
    this.headers = headers;
  }
}

/** What of a request is wrong, as USAGE. `place`: the part of the request, such as `body`. */
export function invalid(error: z.ZodError, place: string): RequestFault {
  const errors = error.issues.map((issue) => {
    const { path, message } = deepest(issue);
    return { path: [place, ...path.map(String)].join('.'), message };
  });
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new RequestFault('USAGE', `${first?.path ?? place}: ${first?.message ?? error.message}${more}`, {
    errors,
    cause: error,
  });
}

/** Of a union's branches the one that fits best says what is wrong. */
function deepest(
  issue: z.core.$ZodIssue,
  path: readonly PropertyKey[] = [],
): { path: readonly PropertyKey[]; message: string } {
  const here = [...path, ...issue.path];
  if (issue.code !== 'invalid_union') return { path: here, message: issue.message };
  const [branch] = issue.errors.filter(({ length }) => length > 0).toSorted((a, b) => weight(a) - weight(b));
  return branch?.[0] ? deepest(branch[0], here) : { path: here, message: issue.message };
}

/** A branch of another kind altogether, or with keys unknown to it, is not what was meant. */
const weight = (issues: readonly z.core.$ZodIssue[]): number =>
  issues.length + issues.filter(({ code, path }) => code === 'unrecognized_keys' || path.length === 0).length;

/** Seconds after which the same request may pass, by status. */
const RETRY_AFTER: Readonly<Record<number, number>> = { 429: 60, 503: 5, 507: 60 };

/** Any thrown value as what is answered. */
export function faultOf(thrown: unknown): RequestFault {
  if (thrown instanceof RequestFault) return thrown;
  const status = statusOf(thrown);
  if (status !== undefined && status < 500 && thrown instanceof Error) {
    return new RequestFault(codeOf(status), thrown.message, { status, cause: thrown });
  }
  const { code, message } = asSidestreamError(thrown);
  // What is not foreseen may say anything: it goes to the log only.
  const detail =
    code === 'INTERNAL' ? `${ERRORS.INTERNAL.text}; the log says more under the request's id` : message;
  return new RequestFault(code, detail, { cause: thrown });
}

/** The status of an error of the framework; its `code` begins with FST_. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof SidestreamError || !(thrown instanceof Error)) return undefined;
  const { statusCode } = thrown as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 ? statusCode : undefined;
}

const codeOf = (status: number): ErrorCode =>
  (({ 404: 'NOT_FOUND', 408: 'INTERRUPTED', 413: 'INPUT_TOO_LARGE', 429: 'TOO_MANY_REQUESTS' }) as const)[
    status
  ] ?? 'USAGE';

export function problemOf({ code, message, status, errors }: RequestFault, instance?: string): Problem {
  return {
    type: `urn:sidestream:error:${code}`,
    title: ERRORS[code].text,
    status,
    detail: redact(message),
    code,
    ...(instance === undefined ? {} : { instance }),
    ...(errors === undefined ? {} : { errors }),
  };
}

/** Headers of what was to be sent instead. */
const OF_RESULTS = [
  'content-length',
  'content-range',
  'content-disposition',
  'accept-ranges',
  'etag',
  'last-modified',
];

/** What is no fault of anybody's, and is asked for again and again. */
const NOT_YET: ReadonlySet<string> = new Set(['CLIP_NOT_READY', 'STREAM_NOT_LIVE']);

/** Answers with the problem, and logs what is our fault. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fault = faultOf(thrown);
  if (fault.status >= 500 && fault.status !== 507 && !NOT_YET.has(fault.code)) {
    request.log.error({ err: fault.cause ?? fault, code: fault.code }, 'a request failed');
  }
  const seconds = fault.retryable ? RETRY_AFTER[fault.status] : undefined;
  if (seconds !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', String(seconds));
  for (const name of OF_RESULTS) {
    reply.removeHeader(name);
  }
  return (
    reply
      .code(fault.status)
      .headers(fault.headers)
      .header('cache-control', 'no-store')
      .type(PROBLEM_TYPE)
      // As bytes: to text a charset would be added, which JSON has not.
      .send(Buffer.from(JSON.stringify(problemOf(fault, request.url.replace(/\?.*$/s, '')))))
  );
}

/** Answers what is no HTTP, or did not arrive in time, and closes the connection. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const fault =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new RequestFault('INTERRUPTED', 'the request did not arrive in time', { status: 408 })
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? new RequestFault('USAGE', 'the headers are too long', { status: 431 })
        : new RequestFault('USAGE', 'this is not an HTTP request');
  const body = JSON.stringify(problemOf(fault));
  socket.end(
    `HTTP/1.1 ${fault.status} Refused\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
