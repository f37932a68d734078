import { describe, expect, it } from 'vitest';
import type { EventView } from '../../../../src/clips/clips.ts';
import type { Report } from '../../../../src/clips/events/report.ts';
import { messagesOf, openRecords, randomOf, report, START, shuffled } from './reports.ts';

/** What the holders of a stream say of one rule, one after the other, in the order in which they say it. */
function story(random: () => number, stream: string, rule: string): Report[] {
  const said: Report[] = [];
  let [token, at] = [1, 0];
  const events = 2 + Math.floor(random() * 3);
  const isTakenOver = () => random() < 0.2 && token++ > 0;
  for (let n = 1; n <= events; n++) {
    const [id, began] = [`${stream}-${rule}-${n}`, at];
    const say = (type: 'open' | 'update' | 'close', names: readonly string[]) => {
      at += 1;
      said.push(report(type, id, at, { stream, rule, token, began, names: [...names], tracks: [n] }));
    };
    say('open', ['person']);
    const names = ['person'];
    for (let updates = Math.floor(random() * 4); updates > 0; updates--) {
      if (isTakenOver()) say('open', names);
      names.push(`name-${updates}`);
      say('update', names);
    }
    isTakenOver();
    // Some ends nobody saw: the worker was gone, and the next one knew nothing of the event.
    if (random() < 0.7) say('close', names);
    else token++;
  }
  return said;
}

/** What is to be known when so much has been heard, the plain way: everything is looked at anew. */
function expected(heard: readonly Report[]): Map<string, Partial<EventView>> {
  const of = (id: string) => heard.filter(({ event }) => event.id === id);
  const ids = [...new Set(heard.map(({ event }) => event.id))];
  const ages = ids.map((id) => {
    const [{ stream, event }] = of(id);
    return {
      id,
      place: `${stream} ${event.rule}`,
      token: Math.max(...of(id).map(({ token }) => token)),
      event,
    };
  });
  return new Map(
    ages.map(({ id, place, token, event: { began } }) => {
      const byTime = of(id).sort((a, b) => a.event.seconds - b.event.seconds);
      const last = (type: string) =>
        byTime
          .filter(({ event }) => event.type === type)
          .sort((a, b) => a.token - b.token)
          .at(-1)?.event;
      const first = byTime.find(({ event }) => event.type === 'open')?.event;
      const close = last('close');
      const said = close ?? last('update') ?? first!;
      const isLost = ages.some(
        (other) => other.place === place && (other.token - token || other.event.began - began) > 0,
      );
      const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
      return [
        id,
        {
          state: close || isLost ? 'closed' : 'open',
          updated_at: iso(said.seconds),
          ended_at: close || isLost ? iso(said.seconds) : undefined,
          names: said.names,
          why: !close && isLost ? 'lost' : undefined,
        },
      ];
    }),
  );
}

/** With doubles, out of order: anything up to all of it at once. */
function muddled(said: readonly Report[], random: () => number): Report[] {
  const doubles = said.filter(() => random() < 0.5);
  if (random() < 0.3) return shuffled([...said, ...doubles], random);
  const late = 1 + random() * 6;
  return [...said, ...doubles]
    .map((one) => ({ one, when: one.event.seconds + random() * late }))
    .sort((a, b) => a.when - b.when)
    .map(({ one }) => one);
}

describe('in whatever order, and however often reports come', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'the same is known, and told once (seed %i)',
    (seed) => {
      const random = randomOf(seed);
      const said = ['gate', 'yard'].flatMap((stream) =>
        ['loitering', 'parked'].flatMap((rule) => story(random, stream, rule)),
      );
      const { db, records } = openRecords({ mqtt: true });
      const heard: Report[] = [];
      const told = new Map<string, Partial<EventView>[]>();
      for (const queue = muddled(said, random); queue.length > 0; ) {
        const batch = queue.splice(0, 1 + Math.floor(random() * 4));
        records.take(batch);
        for (const one of batch) {
          heard.push(one);
          // A message for each event that is now seen otherwise than before.
          for (const [id, view] of expected(heard)) {
            const before = told.get(id) ?? [];
            if (JSON.stringify(before.at(-1)) !== JSON.stringify(view)) told.set(id, [...before, view]);
          }
        }
      }
      const messages = messagesOf(records);
      const final = expected(said);
      expect(final.size).toBeGreaterThan(7);
      for (const [id, view] of final) {
        expect(records.get(id)).toMatchObject(view);
        const mine = messages.filter(({ data }) => data.id === id);
        const seen = mine.map(({ data: { state, updated_at, ended_at, names, why } }) => {
          return { state, updated_at, ended_at, names, why };
        });
        expect(seen).toEqual(told.get(id));
        const kinds = mine.map(({ event }) => event);
        expect(kinds.filter((kind) => kind === 'event.opened').length).toBeLessThanOrEqual(1);
        expect(kinds.filter((kind) => kind === 'event.closed').length).toBe(view.state === 'closed' ? 1 : 0);
      }
      expect(records.list({ limit: 1000 }).events).toHaveLength(final.size);
      // Everything is due once, and no message has the number of another.
      expect(records.deliveries.waiting()).toEqual(new Map([['mqtt', messages.length]]));
      const numbers = db.prepare('SELECT event, number FROM event_messages ORDER BY seq').all() as {
        event: string;
        number: number;
      }[];
      for (const id of final.keys()) {
        const mine = numbers.filter(({ event }) => event === id).map(({ number }) => number);
        expect(mine).toEqual(mine.map((_, i) => i + 1));
      }
      expect(records.take(said)).toBe(0);
    },
  );

  it('two holders that both go on come to one end', () => {
    const both = [
      ...['open', 'update', 'close'].map((type, i) => report(type as 'open', 'shared', 2 + 4 * i)),
      ...['open', 'close'].map((type, i) => report(type as 'open', 'ghost', 20 + i, { began: 19 })),
      ...['open', 'update', 'close'].map((type, i) =>
        report(type as 'open', 'shared', 5 + 5 * i, { token: 2 }),
      ),
      ...['open', 'close'].map((type, i) => report(type as 'open', 'next', 18 + i, { began: 17, token: 2 })),
    ];
    const ends = Array.from({ length: 60 }, (_, seed) => {
      const { records } = openRecords();
      for (const one of muddled(both, randomOf(seed))) records.take([one]);
      return records.list({ limit: 9 }).events;
    });
    expect(ends[0]).toHaveLength(3);
    expect(ends[0].at(-1)).toMatchObject({ ended_at: new Date((START + 15) * 1000).toISOString() });
    for (const end of ends) expect(end).toEqual(ends[0]);
  });
});
