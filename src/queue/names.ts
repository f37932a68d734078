/** The queues, also of those that start without what queues need. */
export const QUEUES = ['jobs', 'analyse', 'render', 'live', 'clips'] as const;
export type QueueName = (typeof QUEUES)[number];
/**
 * With those of questions that somebody waits for. `cameras`: those that are to be looked at once. Whoever takes `live` takes
 * them: it is they who ask cameras. `previews`: what rules would have made of recordings, for whoever takes `clips`.
 */
export type AnyQueue = QueueName | 'cameras' | 'previews';
/**
 * Those whose entries are work on a job; an entry of `live` is a stream that somebody holds, and one of `clips` what is made
 * of recordings.
 */
export const JOB_QUEUES = ['jobs', 'analyse', 'render'] as const;
export type JobQueue = (typeof JOB_QUEUES)[number];
