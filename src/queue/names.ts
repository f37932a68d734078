/** The queues, also of those that start without what queues need. */
export const QUEUES = ['jobs', 'analyse', 'render', 'live'] as const;
export type QueueName = (typeof QUEUES)[number];
/** Those whose entries are work on a job; an entry of `live` is a stream that somebody holds. */
export type JobQueue = Exclude<QueueName, 'live'>;
