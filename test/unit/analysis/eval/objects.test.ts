import { describe, expect, it } from 'vitest';
import { masksScenes } from '../../../../src/analysis/eval/masks-scenes.ts';
import { evaluate } from '../../../../src/analysis/evaluate.ts';
import { CARS, masksFile, objectsOf, TRACKS } from './pictures.ts';

const PERFECT = { idSwitches: 0, idf1: 1, idp: 1, idr: 1, hota: 1, deta: 1, assa: 1 };

describe('objects over time', () => {
  it('are perfect when each has a track of its own', async () => {
    const result = await objectsOf(['aa.bb', '.aab.'], ['22.11', '.221.']);
    expect(result).toMatchObject({ ...PERFECT, count: 2, tracks: 2, objectFrames: 4, objectSeconds: 4 });
    expect(result.idSwitchesPerObjectSecond).toBe(0);
  });

  it('switch once when a track ends and another goes on', async () => {
    const result = await objectsOf(['aa', 'aa', 'aa', 'aa'], ['11', '11', '22', '22']);
    expect(result).toMatchObject({ idSwitches: 1, idSwitchesPerObjectSecond: 1 / 4, tracks: 2 });
    expect(result).toMatchObject({ idf1: 0.5, idp: 0.5, idr: 0.5 });
    // Each match shares 2 of the object's 4 frames.
    expect(result.deta).toBeCloseTo(1, 12);
    expect(result.assa).toBeCloseTo(2 / 4, 12);
    expect(result.hota).toBeCloseTo(Math.sqrt(1 / 2), 12);
  });

  it('switch twice when two swap their tracks', async () => {
    const result = await objectsOf(['aabb', 'aabb', 'aabb', 'aabb'], ['1122', '1122', '2211', '2211']);
    expect(result).toMatchObject({ idSwitches: 2, idf1: 0.5, idp: 0.5, idr: 0.5 });
    // Of 4 + 4 frames, 2 are common.
    expect(result.deta).toBeCloseTo(1, 12);
    expect(result.assa).toBeCloseTo(2 / 6, 12);
    expect(result.hota).toBeCloseTo(Math.sqrt(1 / 3), 12);
  });

  it('are missed for half of their time', async () => {
    const result = await objectsOf(['aa', 'aa', 'aa', 'aa'], ['11', '11', '..', '..']);
    expect(result).toMatchObject({ idSwitches: 0, idp: 1, idr: 0.5 });
    expect(result.idf1).toBeCloseTo(2 / 3, 12);
    expect(result.deta).toBeCloseTo(1 / 2, 12);
    expect(result.assa).toBeCloseTo(1 / 2, 12);
    expect(result.hota).toBeCloseTo(1 / 2, 12);
  });

  it('are remembered over a gap', async () => {
    const truth = ['aa', 'aa', 'aa'];
    expect((await objectsOf(truth, ['11', '..', '11'])).idSwitches).toBe(0);
    expect((await objectsOf(truth, ['11', '..', '22'])).idSwitches).toBe(1);
    expect((await objectsOf(['aa', '..', 'aa'], ['11', '..', '22'])).idSwitches).toBe(1);
    // There and back again.
    expect((await objectsOf(truth, ['11', '22', '11'])).idSwitches).toBe(2);
  });

  it('go on with their track where another is as good', async () => {
    // From the second frame on, both tracks have half of the car.
    expect((await objectsOf(['aa', 'aa'], ['.2', '12'])).idSwitches).toBe(0);
    expect((await objectsOf(['aa', 'aa'], ['1.', '12'])).idSwitches).toBe(0);
  });

  it('have a track too many', async () => {
    const result = await objectsOf(['aa..', 'aa..', 'aa..', 'aa..'], ['1122', '1122', '1122', '1122']);
    expect(result).toMatchObject({ idSwitches: 0, idp: 0.5, idr: 1, count: 1, tracks: 2 });
    expect(result.idf1).toBeCloseTo(2 / 3, 12);
    expect(result.deta).toBeCloseTo(1 / 2, 12);
    expect(result.assa).toBeCloseTo(1, 12);
    expect(result.hota).toBeCloseTo(Math.sqrt(1 / 2), 12);
  });

  it('count for HOTA up to the alpha that their IoU reaches', async () => {
    // IoU 1/2: true at 0.05, 0.10 … 0.50, which are 10 of 19.
    const half = await objectsOf(['aa'], ['1.']);
    for (const figure of [half.hota, half.deta, half.assa]) expect(figure).toBeCloseTo(10 / 19, 12);
    expect(half).toMatchObject({ idf1: 1, idSwitches: 0 });
    // IoU 3/20 is not below 0.15: 3 of 19. It is too little for the same identity.
    const little = await objectsOf(['a'.repeat(20)], [`111${'.'.repeat(17)}`]);
    for (const figure of [little.hota, little.deta, little.assa]) expect(figure).toBeCloseTo(3 / 19, 12);
    expect(little).toMatchObject({ idf1: 0, idp: 0, idr: 0 });
  });

  it('are not found at all, or not there at all', async () => {
    const missed = await objectsOf(['aa'], ['..']);
    expect(missed).toMatchObject({ count: 1, tracks: 0, idSwitches: 0, idf1: 0, idp: Number.NaN, idr: 0 });
    expect(missed).toMatchObject({ hota: 0, deta: 0, assa: 0 });
    const invented = await objectsOf(['..'], ['11']);
    expect(invented).toMatchObject({ count: 0, tracks: 1, objectSeconds: 0, idf1: 0, idp: 0, hota: 0 });
    expect(invented.idr).toBeNaN();
  });
});

describe('which objects there are', () => {
  it('goes by name: others are never the same, and stuff is none', async () => {
    const cars = { ...CARS, r: { name: 'road' } };
    const walker = { 1: { name: 'pedestrian', track_id: 1 }, r: { name: 'road', track_id: 2 } };
    const result = await objectsOf(['aarr', 'aarr'], ['11rr', '11rr'], { cars, tracks: walker });
    expect(result).toMatchObject({ count: 1, tracks: 1, idf1: 0, idp: 0, idr: 0, hota: 0 });
    // What the masks call a thing and the truth does not is none.
    const truth = masksFile([['rr']], cars);
    const masks = masksFile([['11']], { 1: { name: 'road', track_id: 1 } });
    const things = { ...masks, categories: masks.categories.map((one) => ({ ...one, isthing: 1 })) };
    const none = await evaluate(masksScenes('m', things, 'masks'), masksScenes('t', truth, 'truth'));
    expect(none.objects.tracks).toBeNaN();
    // A track may have two names; they are two objects.
    const both = { 1: { name: 'car', track_id: 7 }, 2: { name: 'pedestrian', track_id: 7 } };
    const named = await objectsOf(['aabb', 'aabb'], ['1122', '1122'], {
      cars: { a: { name: 'car', instance: 1 }, b: { name: 'pedestrian', instance: 2 } },
      tracks: both,
    });
    expect(named).toMatchObject({ ...PERFECT, count: 2, tracks: 2 });
  });

  it('takes names without regard to case', async () => {
    const masks = masksFile([['11']], TRACKS);
    const loud = {
      ...masks,
      categories: masks.categories.map((one) => ({ ...one, name: one.name.toUpperCase() })),
    };
    const truth = masksFile([['aa']], CARS);
    const result = await evaluate(masksScenes('m', loud, 'masks'), masksScenes('t', truth, 'truth'));
    expect(result.objects).toMatchObject(PERFECT);
  });

  it('goes by instance in the truth, else by track, else by annotation', async () => {
    // Two annotations of one object, which is followed throughout.
    const followed = { truth: ['aa', 'bb'], masks: ['11', '11'] };
    const count = async (a: object, b: object) => {
      const cars = { a: { name: 'car', ...a }, b: { name: 'car', ...b } };
      const { count, idSwitches, idf1 } = await objectsOf(followed.truth, followed.masks, { cars });
      return { count, idSwitches, idf1 };
    };
    const one = { count: 1, idSwitches: 0, idf1: 1 };
    const two = { count: 2, idSwitches: 0, idf1: 0.5 };
    expect(await count({ instance: 5, track_id: 1 }, { instance: 5, track_id: 2 })).toEqual(one);
    expect(await count({ instance: 0, track_id: 1 }, { instance: 0, track_id: 1 })).toEqual(one);
    expect(await count({ track_id: 0 }, { track_id: 1 })).toEqual(two);
    expect(await count({ instance: 0 }, { instance: 0 })).toEqual(two);
    // `instance` is a word of truths; masks have tracks.
    const tracks = {
      1: { name: 'car', instance: 1, track_id: 1 },
      2: { name: 'car', instance: 1, track_id: 2 },
    };
    expect((await objectsOf(['aa', 'aa'], ['11', '22'], { tracks })).idSwitches).toBe(1);
    const bare = { 1: { name: 'car' }, 2: { name: 'car' } };
    expect((await objectsOf(['aa', 'aa'], ['11', '22'], { tracks: bare })).idSwitches).toBe(1);
  });
});

describe('what an object is made of', () => {
  it('may be several annotations at once', async () => {
    const cars = { a: { name: 'car', instance: 1 }, b: { name: 'car', instance: 1 } };
    const tracks = { 1: { name: 'car', track_id: 1 }, 2: { name: 'car', track_id: 1 } };
    const result = await objectsOf(['aa.bb', 'a..bb'], ['12.22', '1..22'], { cars, tracks });
    expect(result).toMatchObject({ ...PERFECT, count: 1, tracks: 1, objectFrames: 2 });
  });

  it('must be a pixel at least, at the size of the truth', async () => {
    const none = { size: [1, 4] as [number, number], counts: '4' };
    const truth = masksFile([['aa..']], CARS);
    const empty = { ...truth.annotations[0], instance: 2, segmentations: [none] };
    const withEmpty = { ...truth, annotations: [...truth.annotations, empty] };
    // Every other column of the masks is read: track 2 is in none of these.
    const masks = masksFile([['1111.2..']], TRACKS);
    const result = await evaluate(masksScenes('m', masks, 'masks'), masksScenes('t', withEmpty, 'truth'));
    expect(result.objects).toMatchObject({ ...PERFECT, count: 1, tracks: 1 });
  });
});

describe('objects too small to count', () => {
  // The limit is 1.5 of 10 pixels.
  const minArea = 0.15;

  it('are neither right nor wrong, found or not', async () => {
    const truth = ['aaaa..b...', 'aaaa..b...'];
    const found = await objectsOf(truth, ['1111..2...', '1111..3...'], { minArea });
    expect(found).toMatchObject({ ...PERFECT, count: 1, tracks: 1, objectFrames: 2 });
    const missed = await objectsOf(truth, ['1111......', '1111......'], { minArea });
    expect(missed).toMatchObject({ ...PERFECT, count: 1, tracks: 1 });
    const all = await objectsOf(truth, ['1111......', '1111......']);
    expect(all).toMatchObject({ count: 2, idr: 0.5 });
  });

  it('excuse masks that match them, also larger ones', async () => {
    const result = await objectsOf(['aaaa..b...'], ['1111..22..'], { minArea });
    expect(result).toMatchObject({ ...PERFECT, tracks: 1 });
    // Too far off for a match, and large enough to be wrong.
    const off = await objectsOf(['aaaa..b...'], ['1111..222.'], { minArea });
    expect(off).toMatchObject({ tracks: 2, idp: 0.5, idr: 1 });
  });

  it('may be invented, while large ones may not', async () => {
    expect(await objectsOf(['aaaa......'], ['1111....2.'], { minArea })).toMatchObject(PERFECT);
    const large = await objectsOf(['aaaa......'], ['1111...22.'], { minArea });
    expect(large).toMatchObject({ tracks: 2, idp: 0.5 });
  });

  it('match what counts all the same', async () => {
    // One of the car's two pixels: below the limit alone, but a match.
    const result = await objectsOf(['aa........'], ['1.........'], { minArea });
    expect(result).toMatchObject({ count: 1, tracks: 1, idf1: 1 });
  });

  it('begin below the limit', async () => {
    expect((await objectsOf(['aa........'], ['11........'], { minArea: 0.2 })).count).toBe(1);
    expect((await objectsOf(['aa........'], ['11........'], { minArea: 0.21 })).count).toBeNaN();
  });

  it('are measured in each frame', async () => {
    const result = await objectsOf(
      ['aa........', 'a.........', 'aa........'],
      ['11........', '2.........', '11........'],
      {
        minArea,
      },
    );
    expect(result).toMatchObject({ ...PERFECT, objectFrames: 2, tracks: 1 });
  });
});

describe('crowds', () => {
  const cars = { ...CARS, x: { name: 'car', instance: 9, iscrowd: 1 } };

  it('excuse masks that mostly lie in them, and are missed by nobody', async () => {
    const result = await objectsOf(['aa.xxxxx'], ['11.2233.'], { cars });
    expect(result).toMatchObject({ ...PERFECT, count: 1, tracks: 1 });
    expect(await objectsOf(['aa..xxxx'], ['11.22...'], { cars })).toMatchObject({ tracks: 2, idp: 0.5 });
    expect(await objectsOf(['aa..xxxx'], ['11.222..'], { cars })).toMatchObject({ tracks: 1, idp: 1 });
    // Even one with the identity of an object is none.
    const mixed = { ...CARS, x: { name: 'car', instance: 1, iscrowd: 1 } };
    expect(await objectsOf(['aaxx'], ['11..'], { cars: mixed })).toMatchObject({ ...PERFECT, count: 1 });
  });
});

describe('time', () => {
  const scenes = (video: { frame_rate?: number }, role: 'truth' | 'masks') => {
    const file = masksFile([['aa'], ['aa'], ['aa']], CARS, video);
    return masksScenes(`${role}.json`, file, role);
  };

  it('goes by the frame rate of the truth, else of the masks', async () => {
    const seconds = async (truth: object, masks: object) =>
      (await evaluate(scenes(masks, 'masks'), scenes(truth, 'truth'))).objects.objectSeconds;
    expect(await seconds({ frame_rate: 2 }, { frame_rate: 4 })).toBe(1.5);
    expect(await seconds({ frame_rate: 0 }, { frame_rate: 4 })).toBe(0.75);
    expect(await seconds({}, {})).toBeNaN();
  });
});
