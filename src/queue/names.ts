/** The queues, also of those that start without what queues need. */
export const QUEUES = ['jobs', 'analyse', 'render'] as const;
export type QueueName = (typeof QUEUES)[number];
