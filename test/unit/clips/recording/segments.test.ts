import { describe, expect, it } from 'vitest';
import { type Card, cardOf, parseCard, segmentKeys } from '../../../../src/clips/recording/card.ts';
import { createHoldings } from '../../../../src/clips/recording/holdings.ts';
import { createSegments } from '../../../../src/clips/recording/segments.ts';
import { openDatabase } from '../../../../src/jobs/database.ts';

const S = 90_000;
/** An hour of the clock, in ticks. */
const START = Date.parse('2026-05-01T12:00:00Z') * 90;
const at = (seconds: number) => START + seconds * S;

function card(from: number, to: number, more: Partial<Card> = {}): Card {
  return {
    version: 1,
    stream: 'gate1',
    token: 1,
    begin: at(from),
    end: at(to),
    video: {
      frames: Math.round((to - from) * 25),
      bytes: 1000,
      codec: 'h264',
      width: 640,
      height: 360,
      audio: false,
    },
    analysis: { bytes: 500, model: { name: 'm', sum: 'sum', dim: 4 } },
    names: [{ name: 'road', ms: 1000 * (to - from), share: 0.5, count: 0 }],
    runs: null,
    missing: [],
    events: [],
    ...more,
  };
}
const nothing = (from: number, reason: string, more: Partial<Card> = {}): Card =>
  card(from, from, {
    ...{ video: null, analysis: null, names: [], missing: [{ from: at(from), to: at(from), reason }] },
    ...more,
  });
const keyOf = ({ stream, begin, token }: Card) => segmentKeys(stream, begin, token).card;

function make(...cards: Card[]) {
  return recording(false, ...cards);
}

function recording(isRecording: boolean, ...cards: Card[]) {
  const segments = createSegments(openDatabase(':memory:'));
  for (const one of cards) segments.add(keyOf(one), one, 10);
  return { segments, holdings: createHoldings(segments, () => isRecording) };
}

describe('a card', () => {
  it('is known by its key', () => {
    const one = card(0, 6, { token: 12 });
    expect(keyOf(one)).toMatch(/^recordings\/gate1\/20260501T12\/\d{15}-12\.json$/);
    expect(cardOf(keyOf(one))).toEqual({ stream: 'gate1', begin: one.begin, token: 12 });
    expect(cardOf('recordings/gate1/20260501T12/1-1.mp4')).toBeUndefined();
  });

  it('is read as it was written, and refused where it is something else', () => {
    const one = card(0, 6);
    expect(parseCard(Buffer.from(JSON.stringify(one)))).toEqual(one);
    expect(() => parseCard(Buffer.from(JSON.stringify({ ...one, version: 2 })))).toThrow();
    expect(() => parseCard(Buffer.from('{'))).toThrow();
  });
});

describe('segments', () => {
  it('are added once', () => {
    const { segments } = make();
    const one = card(0, 6);
    expect(segments.add(keyOf(one), one, 10)).toBe(true);
    expect(segments.add(keyOf(one), one, 10)).toBe(false);
    expect(segments.bytes()).toBe(1510);
    expect(segments.has(keyOf(one))).toBe(true);
    expect(segments.keysBelow('recordings/gate1/')).toEqual([keyOf(one)]);
    expect(segments.keysBelow('recordings/gate2/')).toEqual([]);
  });

  it('are found by time, also those that began before', () => {
    const { segments } = make(card(0, 6), card(6, 12), card(12, 18));
    const found = segments.between('gate1', at(7), at(12));
    expect(found.map(({ begin }) => (begin - START) / S)).toEqual([6]);
    expect(segments.between('other', at(0), at(99))).toEqual([]);
  });

  it('go with all that is known of them', () => {
    const { segments } = make(card(0, 6), card(6, 12));
    segments.remove([keyOf(card(0, 6))]);
    expect(segments.names('gate1', at(0), at(6))).toEqual([]);
    expect(segments.seen('gate1', at(0), at(99), 60_000)).toMatchObject([{ name: 'road', ms: 6000 }]);
    expect(segments.bytes('gate1')).toBe(1510);
  });

  it('say what was seen, by buckets', () => {
    const { segments } = make(card(0, 6), card(58, 64), card(70, 76));
    expect(segments.seen('gate1', at(0), at(120), 60_000)).toEqual([
      { bucket: START / 90, name: 'road', ms: 12_000, share: 0.5, count: 0 },
      { bucket: START / 90 + 60_000, name: 'road', ms: 6000, share: 0.5, count: 0 },
    ]);
  });
});

describe('holdings', () => {
  it('have no gap where nothing is known yet', () => {
    const { holdings } = make(card(0, 6), card(6, 12));
    expect(holdings.gaps('gate1', at(0), at(100))).toEqual([]);
    expect(holdings.knownUntil('gate1')).toBe(at(12));
    expect(holdings.knownUntil('other')).toBe(0);
  });

  it('know all once somebody has said that nothing is recorded', () => {
    const { holdings } = make(card(0, 6), nothing(6, 'STOPPED'));
    expect(holdings.knownUntil('gate1')).toBe(Number.MAX_SAFE_INTEGER);
    expect(holdings.gaps('gate1', at(0), at(100))).toEqual([{ from: at(6), to: at(100), reason: 'STOPPED' }]);
    // Long after.
    expect(holdings.gaps('gate1', at(50), at(60))).toEqual([{ from: at(50), to: at(60), reason: 'STOPPED' }]);
  });

  it('wait for what may be recorded again already, and tell of the gap meanwhile', () => {
    const { holdings } = recording(true, card(0, 6), nothing(6, 'CAMERA_AWAY'));
    expect(holdings.knownUntil('gate1')).toBe(at(6));
    expect(holdings.gaps('gate1', at(0), at(20))).toEqual([
      { from: at(6), to: at(20), reason: 'CAMERA_AWAY' },
    ]);
  });

  it('go on after that', () => {
    const { holdings } = make(card(0, 6), nothing(6, 'PAUSED'), card(20, 26, { token: 2 }));
    expect(holdings.knownUntil('gate1')).toBe(at(26));
    expect(holdings.gaps('gate1', at(0), at(100))).toEqual([{ from: at(6), to: at(20), reason: 'PAUSED' }]);
  });

  it('have gaps within segments, where a camera sent nothing for a while', () => {
    const missing = [{ from: at(2), to: at(4), reason: 'CAMERA_SILENT' }];
    const { holdings } = make(card(0, 6, { missing }), card(6, 12));
    expect(holdings.gaps('gate1', at(0), at(12))).toEqual(missing);
    expect(holdings.parts('gate1', at(0), at(12)).map(({ from, to }) => [from, to])).toEqual([
      [at(0), at(2)],
      [at(4), at(6)],
      [at(6), at(12)],
    ]);
    expect(holdings.segments('gate1', at(0), at(12))).toHaveLength(2);
  });

  it('blame the worker where it left no word', () => {
    const { holdings } = make(card(0, 6), card(20, 26, { token: 2 }));
    expect(holdings.gaps('gate1', at(0), at(100))).toEqual([
      { from: at(6), to: at(20), reason: 'WORKER_LOST' },
    ]);
  });
});
