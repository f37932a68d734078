import { describe, expect, it, vi } from 'vitest';
import { asksFor, placeAfter, questionOf, searchOf, wordOfScore } from '../../../src/web/ask/ask-query.ts';
import {
  clipFilterOf,
  clipQueryOf,
  isFiltered,
  isInClips,
  searchOfClips,
} from '../../../src/web/past/clip-filter.ts';
import { arrowOf, commandOf } from '../../../src/web/past/keys.ts';
import { type Pages, withItem, without, withPage } from '../../../src/web/past/pages.ts';

describe('a list of pages', () => {
  interface Item {
    readonly id: string;
    readonly kept: boolean;
  }
  const item = (id: string, kept = true): Item => ({ id, kept });
  const listing = { isIn: ({ kept }: Item) => kept, isBefore: (a: Item, b: Item) => a.id > b.id };
  const pages: Pages<Item> = { items: [item('9'), item('7'), item('5')], next: '5' };
  const ids = ({ items }: Pages<Item>) => items.map(({ id }) => id).join('');

  it('goes on, and has everything once', () => {
    const all = withPage(pages, { items: [item('5'), item('3')], next: undefined });
    expect(ids(all)).toBe('9753');
    expect(all.next).toBeUndefined();
  });

  it('takes what is told to its place', () => {
    expect(ids(withItem(pages, item('8'), listing))).toBe('9875');
    expect(ids(withItem(pages, item('7'), listing))).toBe('975');
    expect(ids(withItem(pages, item('7', false), listing))).toBe('95');
    expect(ids(withItem(pages, item('8', false), listing))).toBe('975');
  });

  it('leaves what is older than all of it to its page, and keeps its last one', () => {
    expect(ids(withItem(pages, item('4'), listing))).toBe('975');
    expect(ids(withItem(pages, item('5'), listing))).toBe('975');
    expect(ids(withItem({ ...pages, next: undefined }, item('4'), listing))).toBe('9754');
    expect(ids(without(pages, '9'))).toBe('75');
  });
});

describe('a filter of clips', () => {
  it('is what the address says, and the other way round', () => {
    const search = 'tab=clips&stream=gate1&label=car&rule=r&keep=0&from=2025-11-26&to=2025-11-27';
    const filter = clipFilterOf(search);
    expect(new URLSearchParams({ tab: 'clips', ...searchOfClips(filter) }).toString()).toBe(
      'tab=clips&stream=gate1&label=car&rule=r&from=2025-11-26&to=2025-11-27&keep=0',
    );
    expect(isFiltered(filter)).toBe(true);
    const none = clipFilterOf('tab=clips&from=yesterday&keep=2&label=%20');
    expect(isFiltered(none)).toBe(false);
    expect(clipQueryOf(none)).toEqual({});
  });

  it('asks for whole days of the reader', () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    expect(clipQueryOf(clipFilterOf('from=2025-10-26&to=2025-10-26&keep=1'))).toEqual({
      from: '2025-10-25T22:00:00.000Z',
      to: '2025-10-26T23:00:00.000Z',
      keep: '1',
    });
    vi.unstubAllEnvs();
  });

  it('decides as the server does', () => {
    vi.stubEnv('TZ', 'UTC');
    const clip: Parameters<typeof isInClips>[0] = {
      ...{ id: 'a', stream: 'gate1', stream_name: 'Gate', state: 'done', rule: 'r', keep: false },
      ...{ labels: ['Car'], gaps: [], vocabulary: [], metadata: {}, results: {} },
      from: '2025-11-26T10:00:00.000Z',
      to: '2025-11-26T10:00:10.000Z',
      created_at: '2025-11-26T10:00:20.000Z',
    };
    const isIn = (search: string) => isInClips(clip, clipFilterOf(search));
    for (const yes of [
      '',
      'stream=gate1',
      'label=car',
      'rule=r',
      'keep=0',
      'from=2025-11-26',
      'to=2025-11-26',
    ])
      expect(isIn(yes), yes).toBe(true);
    for (const no of ['stream=gate2', 'label=ca', 'rule=s', 'keep=1', 'from=2025-11-27', 'to=2025-11-25'])
      expect(isIn(no), no).toBe(false);
    vi.unstubAllEnvs();
  });
});

describe('keys of a recording', () => {
  it('move by a second, ten, and a minute', () => {
    expect(commandOf({ key: 'ArrowRight' })).toEqual({ does: 'move', by: 1000 });
    expect(commandOf({ key: 'ArrowLeft', shiftKey: true })).toEqual({ does: 'move', by: -10_000 });
    expect(commandOf({ key: 'ArrowLeft', ctrlKey: true })).toEqual({ does: 'move', by: -60_000 });
    expect(arrowOf({ key: 'ArrowUp' })).toBe(1000);
    expect(arrowOf({ key: 'x' })).toBe(0);
  });

  it('do what they do elsewhere, and leave the browser its own', () => {
    expect(commandOf({ key: 'K' })).toEqual({ does: 'play' });
    expect(commandOf({ key: '.' })).toEqual({ does: 'step', direction: 1 });
    expect(commandOf({ key: '+', shiftKey: true })).toEqual({ does: 'zoom', factor: 0.5 });
    for (const theirs of [
      { key: 'c', ctrlKey: true },
      { key: 'ArrowLeft', altKey: true },
      { key: 'k', metaKey: true },
      { key: 'Tab' },
      { key: 'ArrowUp' },
    ])
      expect(commandOf(theirs)).toBeUndefined();
  });
});

describe('a question', () => {
  it('is what the address says, and the other way round', () => {
    const question = questionOf('?q=red%20umbrella&stream=gate1&from=2025-11-26');
    expect(question).toEqual({
      ...{ q: 'red umbrella', stream: 'gate1', job: undefined, from: '2025-11-26', to: undefined },
    });
    expect(searchOf(question)).toBe('?q=red+umbrella&stream=gate1&from=2025-11-26');
    expect(searchOf(questionOf(''))).toBe('');
  });

  it('asks for whole days', () => {
    vi.stubEnv('TZ', 'UTC');
    expect(asksFor(questionOf('q=car&job=j1&to=2025-11-26'))).toEqual({
      ...{ q: 'car', job: 'j1', to: '2025-11-27T00:00:00.000Z' },
    });
    vi.unstubAllEnvs();
  });

  it('has scores in words', () => {
    expect([0.99, 0.93, 0.5, 0.49].map(wordOfScore)).toEqual(['sure', 'likely', 'maybe', 'hardly']);
  });

  it('has answers that arrows go through', () => {
    expect(placeAfter(-1, 'ArrowDown', 3)).toBe(0);
    expect(placeAfter(2, 'ArrowDown', 3)).toBe(2);
    expect(placeAfter(0, 'ArrowUp', 3)).toBe(-1);
    expect(placeAfter(1, 'End', 3)).toBe(2);
    expect(placeAfter(1, 'x', 3)).toBeUndefined();
  });
});
