import { describe, expect, it } from 'vitest';
import { partsOfAddress, wholeAddress } from '../../../src/web/live/camera-address.ts';
import { everyFor, namesSeen } from '../../../src/web/live/seen.ts';
import { createTurns } from '../../../src/web/live/turns.ts';
import { columnsOfWall } from '../../../src/web/live/wall-columns.ts';
import { synonymsIn, writtenWords } from '../../../src/web/live/words.ts';

describe('the address of a camera', () => {
  it.each([
    ['rtsp://camera.lan/stream1', 'rtsp://camera.lan/stream1', '', ''],
    [' rtsp://me:sesame@camera.lan:554/a?b=c@d ', 'rtsp://camera.lan:554/a?b=c@d', 'me', 'sesame'],
    ['rtsp://me@camera.lan', 'rtsp://camera.lan', 'me', ''],
    ['rtsps://me:p%40ss%3A@camera.lan/', 'rtsps://camera.lan/', 'me', 'p@ss:'],
    // As people type it who have never heard of escapes.
    ['rtsp://me:p@ss:100%@camera.lan/', 'rtsp://camera.lan/', 'me', 'p@ss:100%'],
    ['/dev/video0', '/dev/video0', '', ''],
  ])('%s is known without its password', (text, address, user, password) => {
    expect(partsOfAddress(text)).toEqual({ address, user, password });
  });

  it('is whole again, with what would be misread escaped', () => {
    const whole = wholeAddress({ address: 'rtsp://camera.lan/1', user: 'me', password: "p@s/s?#'100%" });
    expect(whole).toBe('rtsp://me:p%40s%2Fs%3F%23%27100%25@camera.lan/1');
    expect(partsOfAddress(whole).password).toBe("p@s/s?#'100%");
    expect(wholeAddress({ address: ' rtsp://camera.lan/1 ', user: '', password: '' })).toBe(
      'rtsp://camera.lan/1',
    );
    expect(wholeAddress({ address: '/dev/video0', user: 'me', password: 'x' })).toBe('/dev/video0');
  });
});

describe('what is seen', () => {
  it('is told by name, the largest first, and its things one by one', () => {
    const object = (id: number, name: string, share: number, thing = true) => ({
      id,
      name,
      thing,
      score: 0.5,
      share,
    });
    const frame = {
      ...{ index: 1, time: '2030-01-01T00:00:00Z', latency_ms: 1 },
      objects: [object(1, 'car', 0.1), object(2, 'road', 0.4, false), object(3, 'car', 0.35)],
    };
    const names = namesSeen(frame);
    expect(names.map(({ name, things }) => [name, things.map(({ id }) => id)])).toEqual([
      ['car', [3, 1]],
      ['road', []],
    ]);
    expect(names[0]?.share).toBeCloseTo(0.45);
    expect(namesSeen({ ...frame, objects: [] })).toEqual([]);
  });

  it('is told as often as it can be read', () => {
    expect([25, 8, 1, 0].map((fps) => everyFor(fps, 2))).toEqual([13, 4, 1, 1]);
  });
});

describe('words', () => {
  it('have their synonyms, also such as have signs in them', () => {
    expect(synonymsIn('car | vehicle')).toEqual(['car', 'vehicle']);
    const words = [['a|b', 'c,d'], ['e\\']];
    expect(writtenWords(words)).toEqual(['a\\|b|c\\,d', 'e\\\\']);
    expect(writtenWords(words).map(synonymsIn)).toEqual(words);
  });
});

describe('turns', () => {
  it('are so many at a time, in order, and nobody keeps one that nobody waits for', async () => {
    const turns = createTurns(2);
    const never = new AbortController().signal;
    const gone = new AbortController();
    const order: string[] = [];
    const take = async (name: string, signal = never) => {
      const done = await turns.take(signal);
      order.push(done ? name : `${name} left`);
      return done;
    };
    const [first, second] = await Promise.all([take('a'), take('b')]);
    const waiting = [take('c'), take('d', gone.signal), take('e')];
    gone.abort();
    await waiting[1];
    expect(order).toEqual(['a', 'b', 'd left']);
    first?.();
    first?.(); // Twice is once.
    await waiting[0];
    expect(order).toEqual(['a', 'b', 'd left', 'c']);
    second?.();
    await waiting[2];
    expect(order.at(-1)).toBe('e');
    expect(await turns.take(gone.signal)).toBeUndefined();
  });
});

describe('a wall', () => {
  it.each([
    [1, 1600, 900, 1],
    [4, 1600, 900, 2],
    [6, 1600, 900, 3],
    [4, 360, 740, 1],
    [3, 3840, 1080, 3],
    [0, 100, 100, 1],
  ])('of %i on %i × %i is as large as can be', (count, width, height, columns) => {
    expect(columnsOfWall(count, width, height)).toBe(columns);
  });
});
