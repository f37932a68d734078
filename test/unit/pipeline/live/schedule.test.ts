import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/core/frame.ts';
import { pts } from '../../../../src/core/time.ts';
import { createSchedule, type Policy } from '../../../../src/pipeline/live/schedule.ts';

const frame = (index: number): Frame => ({
  index,
  pts: pts(index),
  width: 1,
  height: 1,
  data: new Uint8Array(3),
});
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A schedule whose model answers when told; what is shown as `frame←result`. */
function scheduled(policy: Policy) {
  const shown: string[] = [];
  const asked: { index: number; answer: (fail?: boolean) => Promise<void> }[] = [];
  const failures: unknown[] = [];
  const schedule = createSchedule<number>(policy, {
    analyse: ({ index }) =>
      new Promise((resolve, reject) =>
        asked.push({
          index,
          answer: async (fail) => {
            if (fail) reject(new Error('no'));
            else resolve(index);
            await settled();
          },
        }),
      ),
    emit: ({ index, analysed }, result) => shown.push(`${index}${analysed ? '=' : '←'}${result ?? '-'}`),
    failed: (error) => failures.push(error),
  });
  return { schedule, shown, asked, failures };
}

describe('the newest frame wins', () => {
  it('and those that came meanwhile are shown with what was found last', async () => {
    const { schedule, shown, asked } = scheduled('latest');
    for (const index of [0, 1, 2, 3]) schedule.push(frame(index));
    expect([asked.map(({ index }) => index), shown, schedule.waiting]).toEqual([[0], [], 4]);
    await asked[0].answer();
    expect(asked.map(({ index }) => index)).toEqual([0, 3]);
    expect(shown).toEqual(['0=0', '1←0', '2←0']);
    await asked[1].answer();
    expect(shown.at(-1)).toBe('3=3');
    expect(schedule.waiting).toBe(0);
  });
  it('and one that fails is shown with what was found before', async () => {
    const { schedule, shown, asked, failures } = scheduled('latest');
    schedule.push(frame(0));
    await asked[0].answer();
    schedule.push(frame(1));
    schedule.push(frame(2));
    await asked[1].answer(true);
    await asked[2].answer();
    expect(shown).toEqual(['0=0', '1←0', '2=2']);
    expect(failures).toHaveLength(1);
  });
});

describe('every n-th frame', () => {
  it('waits for its own turn, and those between for the one before them', async () => {
    const { schedule, shown, asked } = scheduled(2);
    for (const index of [0, 1, 2, 3, 4]) schedule.push(frame(index));
    await asked[0].answer();
    expect(shown).toEqual(['0=0', '1←0']);
    await asked[1].answer();
    await asked[2].answer();
    expect(shown).toEqual(['0=0', '1←0', '2=2', '3←2', '4=4']);
  });
  it('can be all', async () => {
    const { schedule, shown, asked } = scheduled(1);
    for (const index of [0, 1]) schedule.push(frame(index));
    await asked[0].answer();
    await asked[1].answer();
    expect(shown).toEqual(['0=0', '1=1']);
  });
  it('may change while it goes on', async () => {
    const { schedule, shown, asked } = scheduled(1);
    for (const index of [0, 1, 2]) schedule.push(frame(index));
    schedule.policy = 'latest';
    await asked[0].answer();
    expect(shown).toEqual(['0=0', '1←0']);
    expect(asked.at(-1)?.index).toBe(2);
  });
});

it('forgets what waits, and what the model has, when it is cleared', async () => {
  const { schedule, shown, asked } = scheduled('latest');
  for (const index of [0, 1]) schedule.push(frame(index));
  schedule.clear();
  await asked[0].answer();
  expect(shown).toEqual([]);
  schedule.push(frame(2));
  await asked[1].answer();
  expect(shown).toEqual(['2=2']);
});
