import createClient from 'openapi-fetch';
import { text } from '../text/en.ts';
import type { components, paths } from './schema.d.ts';

/** Asks the API of this server; types are made from its own description. The cookie of the session goes along. */
export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });

type Schemas = components['schemas'];
export type Job = Schemas['Job'];
export type Stream = Schemas['Stream'];
export type Clip = Schemas['Clip'];
export type RuleEvent = Schemas['Event'];
export type Found = Schemas['Found'];
export type Problem = Schemas['Problem'];

/** What went wrong, for a person. `code`: of the table of errors, or OFFLINE. */
export class Failure extends Error {
  readonly code: Problem['code'] | 'OFFLINE';
  readonly status: number;
  /** What of the request is wrong, where in it. */
  readonly errors: readonly NonNullable<Problem['errors']>[number][];
  constructor(problem: Partial<Problem>, status: number) {
    super(problem.detail || problem.title || text.errors.unknown(status));
    this.code = problem.code ?? 'INTERNAL';
    this.status = problem.status ?? status;
    this.errors = problem.errors ?? [];
  }
}

export class Offline extends Failure {
  constructor() {
    super({ detail: text.errors.offline }, 0);
    (this as { code: Failure['code'] }).code = 'OFFLINE';
  }
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

const listeners = new Set<() => void>();
/** Is told when the server no longer knows who asks. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * What a request gives. `await asked(api.GET('/v1/jobs', {…}))`. Throws Failure where the server refuses, Offline where
 * it does not answer.
 */
export async function asked<T>(answer: Promise<Answer<T>>): Promise<T> {
  let result: Answer<T>;
  try {
    result = await answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Offline();
  }
  const { data, error, response } = result;
  if (response.ok) return data as T;
  if (response.status === 401) for (const listener of listeners) listener();
  throw new Failure((error ?? {}) as Partial<Problem>, response.status);
}
