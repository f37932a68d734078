import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/core/frame.ts';
import { pts } from '../../../../src/core/time.ts';
import { createTurns } from '../../../../src/pipeline/live/share.ts';
import type { Model, SeenRegions } from '../../../../src/rsan/model.ts';

const frame = (index: number, width = 64): Frame => ({
  index,
  pts: pts(index),
  width,
  height: 32,
  data: new Uint8Array(width * 32 * 3),
});

/** A model that notes what it is given, and answers when told. */
function fake() {
  const runs: number[][] = [];
  const done: (() => void)[] = [];
  const seen = ({ index }: Frame) => ({ index }) as SeenRegions;
  const wait = () => new Promise<void>((resolve) => done.push(resolve));
  const analyse: Model['analyse'] = async (one) => {
    runs.push([one.index]);
    await wait();
    return seen(one);
  };
  const analyseTogether: Model['analyseTogether'] = async (frames) => {
    runs.push(frames.map(({ index }) => index));
    await wait();
    return frames.map(seen);
  };
  return { model: { analyse, analyseTogether, lanes: 1, provider: 'cuda' as const }, runs, done };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('turns of a model', () => {
  it('are taken in the order of asking, one at a time on a CPU', async () => {
    const { model, runs, done } = fake();
    const { analyse } = createTurns({ ...model, provider: 'cpu' });
    const all = [5, 6, 7].map((index) => analyse(frame(index), { refined: true }));
    await settled();
    expect(runs).toEqual([[5], [6]]);
    done[0]();
    await settled();
    expect(runs).toEqual([[5], [6], [7]]);
    for (const go of done) go();
    expect((await Promise.all(all)).map(({ index }) => index)).toEqual([5, 6, 7]);
  });

  it('are shared by frames of one size that wait together', async () => {
    const { model, runs, done } = fake();
    const { analyse } = createTurns(model, 4);
    const all = [0, 1, 2, 3, 4, 5].map((i) => analyse(frame(i, i === 3 ? 32 : 64), { refined: true }));
    await settled();
    done[0]();
    await settled();
    for (let i = 0; i < 6; i++) {
      for (const go of done) go();
      await settled();
    }
    expect(runs).toEqual([[0], [1], [2, 4], [3], [5]]);
    expect((await Promise.all(all)).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('go on after one has failed, or has left', async () => {
    const { model, done } = fake();
    let first = true;
    const { analyse } = createTurns(
      {
        ...model,
        analyse: async (one, how, signal) => {
          if (!first) return await model.analyse(one, how, signal);
          first = false;
          throw new Error('no');
        },
      },
      1,
    );
    const leaving = new AbortController();
    const failed = analyse(frame(1), { refined: true });
    const left = analyse(frame(2), { refined: true }, leaving.signal);
    const stays = analyse(frame(3), { refined: true });
    await expect(failed).rejects.toThrow('no');
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    for (let i = 0; i < 3; i++) {
      await settled();
      for (const go of done) go();
    }
    expect((await stays).index).toBe(3);
  });

  it('wait for what is done before them', async () => {
    const { model, runs, done } = fake();
    const turns = createTurns({ ...model, provider: 'cpu' });
    let over = () => {};
    const words = turns.before(() => new Promise<void>((resolve) => (over = resolve)));
    const seen = turns.analyse(frame(1), { refined: true });
    await settled();
    expect(runs).toEqual([]);
    over();
    await words;
    await settled();
    expect(runs).toEqual([[1]]);
    done[0]();
    expect((await seen).index).toBe(1);
  });
});
