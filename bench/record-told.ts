import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventView, TimelineView } from '../src/clips/clips.ts';
import { TICKS } from '../src/clips/recording/card.ts';
import type { RuleEvent } from '../src/clips/rules/engine.ts';
import { openSqlite } from '../src/jobs/database.ts';
import type { Installation } from './installation.ts';
import {
  compareSpans,
  faultsOfBrowser,
  faultsOfReceiver,
  faultsOfStore,
  messagesIn,
} from './record-check.ts';
import type { Browser, Receiver } from './record-events.ts';
import type { StoredCard } from './record-files.ts';
import { replay } from './record-replay.ts';

/** Seconds; see `compareSpans`. */
const REPLAYED = { edge: 6, late: 1 };
/** Milliseconds until all is told: what failed twice is tried again after ten seconds and a half. */
const PATIENCE = 120_000;

export interface Recorded {
  readonly site: Installation;
  readonly receiver: Receiver;
  readonly browser: Browser;
  readonly cards: readonly StoredCard[];
  readonly recorded: TimelineView['recorded'];
}

/** All events of a stream that has stopped were told, and they are what its rules make of the recording. */
export async function checkEvents(
  { site, receiver, browser, cards, recorded }: Recorded,
  fail: (what: string) => void,
): Promise<void> {
  receiver.calm();
  const db = openSqlite(join(site.folder, 'data', 'records.sqlite'), [], 'FULL');
  const waiting = () => (db.prepare('SELECT COUNT(*) AS n FROM event_deliveries').get() as { n: number }).n;
  for (const end = Date.now() + PATIENCE; waiting() > 0 && Date.now() < end; ) await sleep(200);
  const messages = messagesIn(db);
  db.close();
  for (const end = Date.now() + PATIENCE; browser.seen.length < messages.length && Date.now() < end; )
    await sleep(200);
  const events: EventView[] = [];
  for (let page: string | undefined = ''; page !== undefined; ) {
    const more: { events: EventView[]; next?: string } = await site.ask('GET', `/v1/events?limit=100${page}`);
    events.push(...more.events);
    page = more.next === undefined ? undefined : `&cursor=${encodeURIComponent(more.next)}`;
  }
  for (const { rule, began_at, ended_at, why, clip } of events.toReversed())
    console.log(`  ${began_at} ${ended_at} ${rule}${clip ? ', with a clip' : ''}${why ? `: ${why}` : ''}`);
  const { taken } = receiver;
  const once = new Set(taken.map(({ id }) => id)).size;
  console.log(
    `${events.length} events, ${messages.length} messages; ${once} told by webhook, ${taken.length - once} of them again; ${browser.seen.length} seen over ${browser.connections} connections`,
  );
  if (events.length === 0) fail('there were no events');
  for (const fault of [
    ...faultsOfStore(messages, events),
    ...faultsOfReceiver(messages, receiver),
    ...faultsOfBrowser(messages, browser),
  ])
    fail(fault);
  // What is on cards was told.
  for (const { card } of cards) {
    for (const { event } of card.events as { event: RuleEvent }[])
      if (!events.some(({ id }) => id === event.id)) fail(`event ${event.id} is on a card, and was not told`);
  }
  await checkReplay({ events, cards, recorded }, fail);
}

async function checkReplay(
  {
    events,
    cards,
    recorded,
  }: Pick<Recorded, 'cards' | 'recorded'> & { readonly events: readonly EventView[] },
  fail: (what: string) => void,
): Promise<void> {
  const analyses = cards
    .filter(({ card }) => card.analysis)
    .map(({ path, card }) => ({ path: path.replace(/json$/, 'analysis'), begin: card.begin / TICKS }))
    .sort((a, b) => a.begin - b.begin);
  const seconds = (time: string) => Date.parse(time) / 1000;
  const told = events.map(({ rule, began_at, ended_at = began_at }) => {
    return { rule, began: seconds(began_at), ended: seconds(ended_at) };
  });
  const stretches = recorded.map(({ from, to }) => ({ from: seconds(from), to: seconds(to) }));
  const { rules, missing, more } = compareSpans(told, await replay(analyses), stretches, REPLAYED);
  for (const { rule, told: a, again, both } of rules)
    console.log(
      `  ${rule}: ${a.toFixed(1)} s told, ${again.toFixed(1)} s by a replay, ${both.toFixed(1)} s in both`,
    );
  const iso = (time: number) => new Date(time * 1000).toISOString();
  for (const { rule, began, ended } of missing)
    fail(`${rule} from ${iso(began)} to ${iso(ended)}: a replay has it, and it was not told`);
  for (const { rule, began, ended } of more)
    fail(`${rule} from ${iso(began)} to ${iso(ended)}: it was told, and a replay has nothing of it`);
}
