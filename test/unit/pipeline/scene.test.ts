import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Zone } from '../../../src/clips/rules/rules.ts';
import type { Vocabulary } from '../../../src/core/vocabulary.ts';
import type { PointNaming } from '../../../src/pipeline/name.ts';
import { pointsIn, sceneOf } from '../../../src/pipeline/scene.ts';
import { openMasksScenes } from '../../../src/pipeline/scene-masks.ts';

const entry = (name: string, isthing: boolean, other = false) => ({ name, synonyms: [name], isthing, other });
const WORDS: Vocabulary = [entry('sky', false), entry('car', true), entry('dog', true, true)];
const LEFT: Zone = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [0, 1],
];

describe('points in a zone', () => {
  it('are those whose centres are', () => {
    // Half a point to the right of the second column's centres.
    expect([
      ...pointsIn(
        [
          [0, 0],
          [0.5, 0],
          [0.5, 0.5],
          [0, 0.5],
        ],
        4,
        4,
      ),
    ]).toEqual([0, 1, 4, 5]);
    expect([
      ...pointsIn(
        [
          [0, 0],
          [0.37, 0],
          [0.37, 0.5],
          [0, 0.5],
        ],
        4,
        4,
      ),
    ]).toEqual([0, 4]);
    // On the edge counts as inside.
    expect([
      ...pointsIn(
        [
          [0, 0],
          [1, 0],
          [0, 1],
        ],
        2,
        2,
      ),
    ]).toEqual([0, 1, 2]);
    expect(
      pointsIn(
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
        ],
        7,
        5,
      ),
    ).toHaveLength(35);
  });

  it('are one at least', () => {
    const small = (x: number, y: number): Zone => [
      [x, y],
      [x + 0.001, y],
      [x, y + 0.001],
    ];
    expect([...pointsIn(small(0.6, 0.6), 4, 4)]).toEqual([10]);
    expect([
      ...pointsIn(
        [
          [1, 0.999],
          [1, 1],
          [0.999, 1],
        ],
        4,
        4,
      ),
    ]).toEqual([15]);
  });

  it('are counted once for a lattice', () => {
    expect(pointsIn(LEFT, 8, 8)).toBe(pointsIn(LEFT, 8, 8));
    expect(pointsIn(LEFT, 8, 9)).not.toBe(pointsIn(LEFT, 8, 8));
  });
});

describe('a named picture', () => {
  /** Segments: sky, car that cannot be told apart, dog that nobody asked for, two cars. */
  const MAP = ['0003', '0333', '1033', '4422'];
  const pieces = Uint16Array.from(MAP.join(''), Number);
  const names = [0, 1, 2, 1, 1];
  const naming: PointNaming = {
    kind: 'points',
    width: 4,
    height: 4,
    labels: pieces.map((piece) => names[piece]),
    segments: [
      { name: 0, track: 900, confidence: 0.9, identified: true },
      { name: 1, track: 901, confidence: 0.2, identified: false },
      { name: 2, track: 902, confidence: 0.3, identified: true },
      { name: 1, track: 7, confidence: 0.75, identified: true },
      { name: 1, track: 42 + 2 ** 32, confidence: 0.5, identified: true },
    ],
    pieces,
  };
  const scene = sceneOf(naming, WORDS, { seconds: 12.5, size: { width: 640, height: 360 } });

  it('has the objects that are told apart, where they are', () => {
    expect(scene).toMatchObject({ seconds: 12.5, aspect: 640 / 360 });
    expect(scene.objects).toEqual([
      { id: 7, name: 1, score: 0.75, box: [0.25, 0, 1, 0.75], share: 6 / 16 },
      { id: 42 + 2 ** 32, name: 1, score: 0.5, box: [0, 0.75, 0.5, 1], share: 2 / 16 },
    ]);
  });

  it('has shares of names, of the picture and of zones', () => {
    expect([0, 1, 2].map((name) => scene.share(name))).toEqual([5 / 16, 9 / 16, 2 / 16]);
    expect([0, 1, 2].map((name) => scene.share(name, LEFT))).toEqual([4 / 8, 4 / 8, 0]);
    expect(
      scene.share(1, [
        [0.75, 0],
        [1, 0],
        [1, 0.25],
        [0.75, 0.25],
      ]),
    ).toBe(1);
  });
});

describe('masks JSON', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidestream-scene-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A picture of 4 × 2, down the columns. */
  const mask = (...counts: number[]) => ({ size: [2, 4], counts });
  const file = (more: object = {}, video: object = {}) => ({
    videos: [{ width: 4, height: 2, length: 2, frame_rate: 10, ...video }],
    categories: [
      { id: 5, name: 'car', isthing: 1 },
      { id: 9, name: 'sky', isthing: 0 },
    ],
    annotations: [
      { category_id: 5, track_id: 3, score: 0.6, segmentations: [mask(3, 3, 2), null], ...more },
      { category_id: 5, track_id: 4, iscrowd: 1, segmentations: [mask(7, 1), mask(7, 1)] },
      { category_id: 9, segmentations: [mask(0, 2, 6), mask(0, 4, 4)] },
    ],
  });
  async function scenesOf(json: object, gzip = false) {
    const path = join(folder, 'masks.json');
    await writeFile(path, gzip ? gzipSync(JSON.stringify(json)) : JSON.stringify(json));
    const { vocabulary, scenes } = await openMasksScenes(path);
    return { vocabulary, scenes: [...scenes()] };
  }
  const failure = async (json: object) => {
    try {
      await scenesOf(json);
    } catch (error) {
      return String(error).replaceAll(`${folder}/`, '');
    }
    return 'nothing failed';
  };

  it('has objects and shares, of pixels', async () => {
    const { vocabulary, scenes } = await scenesOf(file(), true);
    expect(vocabulary).toEqual([entry('car', true), entry('sky', false)]);
    expect(scenes.map(({ seconds, aspect }) => [seconds, aspect])).toEqual([
      [0, 2],
      [0.1, 2],
    ]);
    expect(scenes[0].objects).toEqual([
      { id: 3, name: 0, score: 0.6, box: [0.25, 0, 0.75, 1], share: 3 / 8 },
    ]);
    expect(scenes[1].objects).toEqual([]);
    expect(scenes.map(({ share }) => [share(0), share(1), share(0, LEFT), share(1, LEFT)])).toEqual([
      [4 / 8, 2 / 8, 1 / 4, 2 / 4],
      [1 / 8, 4 / 8, 0, 1],
    ]);
  });

  it('knows a thing by its instance, its track, or its annotation', async () => {
    const idOf = async (more: object) => (await scenesOf(file(more))).scenes[0].objects[0].id;
    expect(await idOf({ instance: 8 })).toBe(8);
    expect(await idOf({ instance: 0 })).toBe(3);
    expect(await idOf({ track_id: null })).toBe(-1);
  });

  it('has its own times, or counts frames', async () => {
    const times = async (video: object) =>
      (await scenesOf(file({}, video))).scenes.map(({ seconds }) => seconds);
    expect(await times({ pts_s: [0.5, 0.75] })).toEqual([0.5, 0.75]);
    expect(await failure(file({}, { pts_s: [1] }))).toBe(
      'SidestreamError: masks.json: it has 2 frames and 1 times',
    );
    expect(await failure(file({}, { frame_rate: 0 }))).toBe(
      'SidestreamError: masks.json: it tells no times: give it a frame_rate or pts_s',
    );
  });

  it('is refused where it is damaged', async () => {
    expect(await failure(file({ score: 3 }))).toMatch(/masks\.json: annotations\.0\.score: /);
    const damaged = { segmentations: [{ size: [2, 4], counts: 'ooo' }, null] };
    expect(await failure(file(damaged))).toBe(
      'SidestreamError: masks.json: frame 0: run lengths are damaged',
    );
  });
});
