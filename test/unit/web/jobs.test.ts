import { describe, expect, it } from 'vitest';
import type { Job } from '../../../src/web/api/client.ts';
import { addressesIn, sorted } from '../../../src/web/jobs/dropped.ts';
import { filterOf, isIn, searchOf } from '../../../src/web/jobs/filter.ts';
import { chosenOf, DEFAULTS, isEvery, requestOf } from '../../../src/web/jobs/job-request.ts';
import { withJob, without, withPage } from '../../../src/web/jobs/pages.ts';
import { pickedAfter } from '../../../src/web/jobs/picked.ts';
import { createRate } from '../../../src/web/jobs/upload-rate.ts';
import {
  changeUpload,
  fingerprintOf,
  forgetUpload,
  keepUpload,
  leftUploads,
} from '../../../src/web/jobs/upload-shelf.ts';
import { rememberWords, usedWords } from '../../../src/web/jobs/used-words.ts';

/** What a browser has for it, in memory. */
function shelf(): Storage {
  const all = new Map<string, string>();
  return {
    getItem: (key) => all.get(key) ?? null,
    setItem: (key, value) => void all.set(key, value),
    removeItem: (key) => void all.delete(key),
    key: (i) => [...all.keys()][i] ?? null,
    clear: () => all.clear(),
    get length() {
      return all.size;
    },
  };
}

const job = (id: string, state: Job['state'] = 'queued', vocabulary = ['car']): Job => ({
  ...{ id, state, vocabulary, kind: 'segment', progress: 0, frames_done: 0, priority: 'normal', model: 'm' },
  ...{ created_at: '2030-01-01T00:00:00Z', input: { upload: 'u' }, metadata: {}, results: {} },
});
const ALL = { state: undefined, label: undefined };
const idsOf = ({ jobs }: { readonly jobs: readonly Job[] }) => jobs.map(({ id }) => id);

describe('a list that comes in pages', () => {
  const pages = { jobs: [job('d'), job('b')], next: 'b' };

  it('takes what is told where it belongs', () => {
    expect(idsOf(withJob(pages, job('e'), ALL))).toEqual(['e', 'd', 'b']);
    expect(idsOf(withJob(pages, job('c'), ALL))).toEqual(['d', 'c', 'b']);
    const changed = withJob(pages, job('b', 'running'), ALL);
    expect(changed.jobs.map(({ state }) => state)).toEqual(['queued', 'running']);
  });

  it('leaves to its page what is older than all that is there', () => {
    expect(idsOf(withJob(pages, job('a'), ALL))).toEqual(['d', 'b']);
    expect(idsOf(withJob({ ...pages, next: undefined }, job('a'), ALL))).toEqual(['d', 'b', 'a']);
    expect(idsOf(withJob({ jobs: [], next: undefined }, job('a'), ALL))).toEqual(['a']);
  });

  it('loses what its filter lets through no longer, and what is removed', () => {
    const queued = { state: 'queued', label: undefined } as const;
    expect(idsOf(withJob(pages, job('d', 'running'), queued))).toEqual(['b']);
    expect(idsOf(withJob(pages, job('e', 'running'), queued))).toEqual(['d', 'b']);
    expect(idsOf(without(pages, 'd'))).toEqual(['b']);
  });

  it('does not overwrite with a page what is known better, and has nothing twice', () => {
    const page = { jobs: [job('b', 'done'), job('a')], next: undefined };
    const whole = withPage(pages, page);
    expect(idsOf(whole)).toEqual(['d', 'b', 'a']);
    expect(whole.jobs[1]?.state).toBe('queued');
    expect(whole.next).toBeUndefined();
  });
});

describe('the filter', () => {
  it('is in the address and back', () => {
    for (const filter of [
      ALL,
      { state: 'done', label: 'traffic sign' },
      { state: 'failed', label: undefined },
    ] as const)
      expect(filterOf(searchOf(filter))).toEqual(filter);
    expect(searchOf(ALL)).toBe('');
    expect(filterOf('?state=nonsense&label=%20')).toEqual(ALL);
  });

  it('knows words as the server does: whole, in whatever case', () => {
    expect(isIn(job('a', 'done', ['Traffic sign']), { state: undefined, label: 'traffic SIGN' })).toBe(true);
    expect(isIn(job('a', 'done', ['Traffic sign']), { state: undefined, label: 'traffic' })).toBe(false);
    expect(isIn(job('a', 'done'), { state: 'failed', label: 'car' })).toBe(false);
  });
});

describe('what is sent', () => {
  it('has what was chosen, and leaves the rest to the server', () => {
    const wish = { ...DEFAULTS, words: ['road', 'car | vehicle|'] };
    expect(requestOf({ upload: 'u' }, 'street.mp4', wish)).toEqual({
      input: { upload: 'u' },
      vocabulary: [['road'], ['car', 'vehicle']],
      output: { format: 'mp4' },
      priority: 'normal',
      metadata: { name: 'street.mp4' },
    });
    const more = {
      ...wish,
      model: 'm',
      expand: 'none',
      association: 'clustered',
      every: '3',
      labels: 'ids',
    } as const;
    expect(requestOf({ url: 'https://a.example/b' }, undefined, more)).toMatchObject({
      ...{ model: 'm', expand: 'none', association: 'clustered', every: 3 },
      output: { format: 'mp4', labels: 'ids' },
    });
    expect(requestOf({ url: 'https://a.example/b' }, undefined, more)).not.toHaveProperty('metadata');
    expect(requestOf({ upload: 'u' }, 'x'.repeat(2000), wish).metadata?.name).toHaveLength(1000);
  });

  it('is checked as it is typed', () => {
    expect(['', '1', '10000'].map(isEvery)).toEqual([true, true, true]);
    expect(['0', '10001', '-1', '1.5', 'a', '1e3'].map(isEvery)).toEqual(Array(6).fill(false));
    expect(chosenOf(DEFAULTS)).toEqual([]);
    expect(chosenOf({ ...DEFAULTS, every: '2', format: 'webm' })).toEqual(['every', 'format']);
  });
});

describe('what is dropped', () => {
  const file = (name: string, type: string, bytes = 'x') => new File([bytes], name, { type });

  it('is sorted by what it may be; what nobody knows the server looks at', () => {
    const given = sorted([
      file('a.mp4', 'video/mp4'),
      file('b.mkv', ''),
      file('c.png', 'image/png'),
      file('d.pdf', 'application/pdf'),
      // A folder, as browsers hand it over, or a file with nothing in it.
      file('folder', '', ''),
      file('e.mxf', 'application/mxf'),
    ]);
    expect(given.videos.map(({ name }) => name)).toEqual(['a.mp4', 'b.mkv', 'e.mxf']);
    expect(given.others).toEqual(['c.png', 'd.pdf', 'folder']);
  });

  it('may be addresses, and nothing but addresses', () => {
    expect(addressesIn(' https://a.example/b.mp4\nhttp://c.example ')).toHaveLength(2);
    for (const text of ['', 'see https://a.example', 'ftp://a.example/b', 'javascript:alert(1)', 'a.mp4'])
      expect(addressesIn(text)).toEqual([]);
  });
});

describe('how fast an upload is', () => {
  it('is told from the last seconds', () => {
    const rate = createRate();
    expect(rate.value(0)).toBeUndefined();
    rate.add(0, 0);
    expect(rate.value(100)).toBeUndefined();
    for (let second = 1; second <= 10; second++) rate.add(second * 1000, second * 1000);
    expect(rate.value(10_000)).toBeCloseTo(1000);
    // Ten times as fast from here on: what was before is forgotten.
    for (let second = 11; second <= 20; second++) rate.add(10_000 + (second - 10) * 10_000, second * 1000);
    expect(rate.value(20_000)).toBeCloseTo(10_000);
    // Nothing has come since.
    expect(rate.value(30_000)).toBeLessThan(4000);
    rate.clear();
    expect(rate.value(30_000)).toBeUndefined();
  });
});

describe('uploads that were not finished', () => {
  const begun = {
    file: 'f',
    name: 'a.mp4',
    size: 10,
    sent: 4,
    url: 'http://h/v1/uploads/1',
    begun: 0,
    alive: 0,
  };

  it('are those that no tab is at', () => {
    const kept = shelf();
    const key = keepUpload(begun, kept);
    expect(leftUploads(100_000, kept)).toMatchObject([{ key, name: 'a.mp4', sent: 4 }]);
    changeUpload(key, { alive: 95_000, sent: 6 }, kept);
    expect(leftUploads(100_000, kept)).toEqual([]);
    // Its tab is gone without a word.
    expect(leftUploads(200_000, kept)).toMatchObject([{ sent: 6 }]);
    forgetUpload(key, kept);
    changeUpload(key, { sent: 7 }, kept);
    expect(leftUploads(200_000, kept)).toEqual([]);
  });

  it('are forgotten after days, and what others wrote is left alone', () => {
    const kept = shelf();
    keepUpload(begun, kept);
    kept.setItem('sidestream.upload.x', 'no JSON');
    kept.setItem('tus::other', '{}');
    expect(leftUploads(4 * 86_400_000, kept)).toEqual([]);
    expect(kept.length).toBe(2);
  });

  it('know what was wanted of them, also where an older page wrote it', () => {
    const kept = shelf();
    keepUpload({ ...begun, wish: { words: ['car'] } as never }, kept);
    expect(leftUploads(100_000, kept)[0]?.wish).toEqual({ ...DEFAULTS, words: ['car'] });
  });

  it('do without storage', () => {
    const full = {
      ...shelf(),
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    };
    expect(keepUpload(begun, full)).toMatch(/1$/);
  });

  it('are told apart by all that a browser tells of a file', () => {
    const file = { name: 'a-b', size: 1, type: 'c', lastModified: 2 };
    const others = [
      { ...file, name: 'a', type: 'b-c' },
      { ...file, size: 2 },
      { ...file, lastModified: 3 },
    ];
    expect(new Set([file, ...others].map(fingerprintOf)).size).toBe(4);
  });
});

describe('words that were used', () => {
  it('are kept as sets, the last ones first, each once', () => {
    const kept = shelf();
    for (const words of [['a'], ['b', 'c'], ['a'], ['d'], ['e'], ['f'], ['g'], []])
      rememberWords(words, kept);
    expect(usedWords(kept)).toEqual([['g'], ['f'], ['e'], ['d'], ['a']]);
    kept.setItem('sidestream.words', '{"a": [1]}');
    expect(usedWords(kept)).toEqual([]);
    kept.setItem('sidestream.words', '[[1], [], ["x"], "y"]');
    expect(usedWords(kept)).toEqual([['x']]);
  });
});

describe('selecting', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  it('takes one by one, and with Shift all between', () => {
    const one = pickedAfter(ids, new Set(), 'b', undefined);
    expect([...one]).toEqual(['b']);
    expect([...pickedAfter(ids, one, 'b', undefined)]).toEqual([]);
    const some = pickedAfter(ids, one, 'd', 'b');
    expect([...some].sort()).toEqual(['b', 'c', 'd']);
    expect([...pickedAfter(ids, some, 'c', 'd')].sort()).toEqual(['b']);
    // What was clicked before is gone meanwhile.
    expect([...pickedAfter(ids, one, 'e', 'x')].sort()).toEqual(['b', 'e']);
  });
});
