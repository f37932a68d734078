import { api, asked } from '../api/client.ts';

/** What can be done with a job that is there. Each throws Failure. */

const of = (id: string) => ({ params: { path: { id } } });

export const cancelJob = (id: string) => asked(api.POST('/v1/jobs/{id}/cancel', of(id)));
/** The same video with the same words: a new job. */
export const retryJob = (id: string) => asked(api.POST('/v1/jobs/{id}/retry', of(id)));
export const removeJob = (id: string) => asked(api.DELETE('/v1/jobs/{id}', of(id)));
