import { useEffect } from 'preact/hooks';
import { api, asked, type RuleEvent } from '../api/client.ts';
import { onTold } from '../state/feed.ts';
import { useAsked } from '../ui/use-asked.ts';

/** The latest events of all cameras, or of one, the newest first, as they open and close. */
export function useEvents(limit: number, stream?: string) {
  const { data, error, again, change } = useAsked(
    async (signal) => {
      const query = { limit, ...(stream ? { stream } : {}) };
      return (await asked(api.GET('/v1/events', { params: { query }, signal })))
        .events as readonly RuleEvent[];
    },
    [limit, stream],
  );
  useEffect(
    () =>
      onTold('event', (event) => {
        if (stream === undefined || event.stream === stream)
          change((before) => withEvent(before, event, limit));
      }),
    [change, limit, stream],
  );
  return { events: data, error, again };
}

function withEvent(before: readonly RuleEvent[], event: RuleEvent, limit: number): readonly RuleEvent[] {
  return [...before.filter(({ id }) => id !== event.id), event]
    .sort((a, b) => Date.parse(b.began_at) - Date.parse(a.began_at))
    .slice(0, limit);
}
