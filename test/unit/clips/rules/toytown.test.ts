import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRuleEngine } from '../../../../src/clips/rules/engine.ts';
import { rulesFrom } from '../../../../src/clips/rules/read-rules.ts';
import { boxOf, decodeCounts } from '../../../../src/core/mask.ts';
import { openMasksScenes } from '../../../../src/pipeline/scene-masks.ts';

/** Events on the truth of drawn streets, against what a plain look at every frame says. */

const LINGER = 1;
const HAIR = 1e-4;
/** Left, top, right and bottom. */
const NEAR = [0.25, 0.5, 0.75, 1] as const;
const [x0, y0, x1, y1] = NEAR;

interface Seen {
  readonly frame: number;
  readonly id: number;
  readonly share: number;
  readonly x: number;
  readonly y: number;
}
type Span = [began: number, ended: number];

/** What the file says, by name: who is where, and how much of the picture it is. */
function truthOf(clip: string) {
  const path = `test/fixtures/toytown/${clip}.truth.json.gz`;
  const { videos, categories, annotations } = JSON.parse(gunzipSync(readFileSync(path)).toString());
  const [{ width, height, length, frame_rate }] = videos;
  const of = (name: string) => {
    const { id } = categories.find((one: { name: string }) => one.name === name);
    return annotations.filter((one: { category_id: number }) => one.category_id === id);
  };
  return {
    path,
    length: length as number,
    time: (frame: number) => frame / frame_rate,
    objects: (name: string): Seen[] =>
      of(name).flatMap(({ instance, areas, segmentations }: Annotation) =>
        segmentations.flatMap((mask, frame) => {
          if (!mask) return [];
          const [left, top, across, down] = boxOf(decodeCounts(mask.counts), height);
          const [x, y] = [(left + across / 2) / width, (top + down) / height];
          return [{ frame, id: instance, share: Number(areas[frame]) / (width * height), x, y }];
        }),
      ),
    share: (name: string, frame: number): number =>
      of(name).reduce((sum: number, one: Annotation) => sum + Number(one.areas[frame]), 0) / (width * height),
  };
}

interface Annotation {
  readonly instance: number;
  readonly areas: readonly (number | null)[];
  readonly segmentations: readonly ({ readonly counts: string } | null)[];
}

const byId = (seen: readonly Seen[]): Seen[][] =>
  [...new Set(seen.map(({ id }) => id))].map((id) =>
    seen.filter((one) => one.id === id).sort((a, b) => a.frame - b.frame),
  );

/** Spans less than the linger apart are one. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const [began, ended] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && began - last[1] < LINGER - HAIR) last[1] = Math.max(last[1], ended);
    else result.push([began, ended]);
  }
  return result;
}

type Truth = ReturnType<typeof truthOf>;

const brute: Readonly<Record<string, (truth: Truth) => Span[]>> = {
  /** From the first frame inside to the second one, where it had been outside. */
  'car enters'({ objects, time }) {
    const spans = byId(objects('car')).flatMap((sightings) => {
      let inside: boolean | undefined;
      return sightings.flatMap(({ frame, x, y }, i): Span[] => {
        const before = sightings[i - 1];
        if (before && time(frame) - time(before.frame) >= LINGER - HAIR) inside = undefined;
        const isIn = (one: Seen) => one.x >= x0 && one.x <= x1 && one.y >= y0 && one.y <= y1;
        const now = isIn({ frame, x, y, id: 0, share: 0 });
        if (inside === undefined) {
          inside = now;
          return [];
        }
        if (now === inside || isIn(before) !== now) return [];
        inside = now;
        return now ? [[time(before.frame), time(frame)]] : [];
      });
    });
    return merged(spans);
  },
  /** Each pedestrian's sightings, without longer gaps, where they last two seconds. */
  'pedestrian for 2 s'({ objects, time }) {
    const stays = byId(objects('pedestrian').filter(({ share }) => share >= 0.001)).flatMap((sightings) =>
      merged(sightings.map(({ frame }) => [time(frame), time(frame)])),
    );
    const long = stays.filter(([began, ended]) => ended - began >= 2 - HAIR);
    // It is told after two seconds, and began before.
    return merged(long.map(([began, ended]) => [began + 2, ended])).map(([told, ended]) => [
      Math.min(...long.filter(([began]) => Math.abs(began + 2 - told) < HAIR).map(([began]) => began)),
      ended,
    ]);
  },
  /** How many were as large when they were seen last, less than the linger ago; and when the third of them was. */
  'cars >= 3'({ objects, time, length }) {
    const spans: Span[] = [];
    for (let frame = 0; frame < length; frame++) {
      const cars = byId(objects('car').filter((one) => one.frame <= frame)).map(
        (sightings) => sightings.at(-1)!,
      );
      const [, , third] = cars
        .filter((car) => car.share >= 0.01 && time(frame) - time(car.frame) < LINGER - HAIR)
        .map((car) => time(car.frame))
        .sort((a, b) => b - a);
      if (third === undefined) continue;
      const open = spans.at(-1);
      if (open && time(frame) - open[1] < LINGER - HAIR) open[1] = Math.max(open[1], third);
      else spans.push([time(frame), time(frame)]);
    }
    return spans;
  },
  'sky < 10 %'({ share, time, length }) {
    const frames = Array.from({ length }, (_, frame) => frame).filter((frame) => share('sky', frame) < 0.1);
    return merged(frames.map((frame) => [time(frame), time(frame)]));
  },
};

const rules = rulesFrom({
  zones: {
    near: [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ],
  },
  rules: [
    { name: 'car enters', when: { object: 'car', enters: 'near' } },
    { name: 'pedestrian for 2 s', when: { object: 'pedestrian', min_size: '0.1 %', for: '2 s' } },
    { name: 'cars >= 3', when: { object: 'car', min_size: '1 %', count: '>= 3' } },
    { name: 'sky < 10 %', when: { stuff: 'sky', share: '< 10 %' } },
  ],
});

async function eventsOf(clip: string): Promise<Record<string, Span[]>> {
  const { vocabulary, scenes } = await openMasksScenes(truthOf(clip).path);
  const engine = createRuleEngine(rules, vocabulary, { source: clip });
  const found: Record<string, Span[]> = Object.fromEntries(rules.rules.map(({ name }) => [name, []]));
  let last = 0;
  const keep = (events: ReturnType<typeof engine.push>) => {
    for (const { type, rule, began, ended } of events)
      if (type === 'close') found[rule].push([began, ended!]);
  };
  for (const scene of scenes()) {
    keep(engine.push(scene));
    last = scene.seconds;
  }
  keep(engine.finish(last));
  return found;
}

/** How many there are: some rules have none. */
const COUNTS = {
  drive: { 'car enters': 2, 'pedestrian for 2 s': 0, 'cars >= 3': 1, 'sky < 10 %': 1 },
  watch: { 'car enters': 3, 'pedestrian for 2 s': 1, 'cars >= 3': 0, 'sky < 10 %': 1 },
};

describe.each(['drive', 'watch'] as const)('%s', (clip) => {
  it('has exactly the events that a look at every frame finds', async () => {
    const truth = truthOf(clip);
    const expected = Object.fromEntries(Object.entries(brute).map(([name, look]) => [name, look(truth)]));
    expect(await eventsOf(clip)).toEqual(expected);
    const counts = Object.fromEntries(Object.entries(expected).map(([name, spans]) => [name, spans.length]));
    expect(counts).toEqual(COUNTS[clip]);
  });
});
