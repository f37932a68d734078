import type { Db } from '../../jobs/database.ts';

/** Topics whose messages a broker retains, so that they are removed when nobody wants them any more. */
export interface TopicRecords {
  all(): readonly string[];
  add(topic: string): void;
  remove(topic: string): void;
}

export const createTopicRecords = (db: Db): TopicRecords => ({
  all: () =>
    (db.prepare('SELECT topic FROM event_topics ORDER BY topic').all() as { topic: string }[]).map(
      ({ topic }) => topic,
    ),
  add(topic) {
    db.prepare('INSERT OR IGNORE INTO event_topics (topic) VALUES (?)').run(topic);
  },
  remove(topic) {
    db.prepare('DELETE FROM event_topics WHERE topic = ?').run(topic);
  },
});
