import { describe, expect, it } from 'vitest';
import { type Answer, type Conditions, decide } from '../../../src/http/ranges.ts';

const MODIFIED = 'Wed, 02 Jan 2030 03:04:05 GMT';
const BEFORE = 'Wed, 02 Jan 2030 03:04:04 GMT';
const AFTER = 'Wed, 02 Jan 2030 03:04:06 GMT';
const selected = { bytes: 1000, etag: 'abc', modified: new Date('2030-01-02T03:04:05.678Z') };
const of = (start: number, end: number): Answer => ({ status: 206, start, end });
const whole: Answer = { status: 200 };
const none: Answer = { status: 416 };

describe('ranges', () => {
  it.each<[string, Answer]>([
    ['bytes=0-0', of(0, 0)],
    ['bytes=0-499', of(0, 499)],
    ['bytes=500-', of(500, 999)],
    ['bytes=999-', of(999, 999)],
    ['bytes=-1', of(999, 999)],
    ['bytes=-1000', of(0, 999)],
    ['bytes=-5000', of(0, 999)],
    ['bytes=900-5000', of(900, 999)],
    ['bytes=0-99999999999999999999999', of(0, 999)],
    ['bytes=00010-00020', of(10, 20)],
    ['BYTES=0-1', of(0, 1)],
    ['bytes= 0-1 ', of(0, 1)],
    ['bytes=,0-1,', of(0, 1)],
    ['bytes=1000-', none],
    ['bytes=1000-2000', none],
    ['bytes=99999999999999999999999-', none],
    ['bytes=-0', none],
    ['bytes=2000-3000, 4000-', none],
    ['bytes=0-1, 5-6', whole],
    ['bytes=0-1, 5000-', whole],
    ['bytes=5-4', whole],
    ['bytes=', whole],
    ['bytes=,', whole],
    ['bytes=-', whole],
    ['bytes=a-b', whole],
    ['bytes=0x1-2', whole],
    ['bytes=1.5-2', whole],
    ['bytes=-1-2', whole],
    ['bytes=1 - 2', whole],
    ['bytes', whole],
    ['bytes 0-1', whole],
    ['items=0-1', whole],
    ['', whole],
  ])('%s of a thousand bytes', (range, expected) => {
    expect(decide('GET', { range }, selected)).toEqual(expected);
  });

  it.each<[string, Answer]>([
    ['bytes=0-', none],
    ['bytes=0-0', none],
    ['bytes=-0', none],
    ['bytes=-1', whole],
  ])('%s of nothing', (range, expected) => {
    expect(decide('GET', { range }, { ...selected, bytes: 0 })).toEqual(expected);
  });

  it('are for GET alone', () => {
    expect(decide('HEAD', { range: 'bytes=0-1' }, selected)).toEqual(whole);
    expect(decide('HEAD', { range: 'bytes=5000-' }, selected)).toEqual(whole);
  });

  it('are quick to be judged, however many', () => {
    const range = `bytes=${'0-,'.repeat(5000)}`;
    const begun = performance.now();
    expect(decide('GET', { range }, selected)).toEqual(whole);
    expect(performance.now() - begun).toBeLessThan(100);
  });
});

describe('conditions', () => {
  it.each<[Conditions, Answer['status']]>([
    [{ 'if-none-match': '"abc"' }, 304],
    [{ 'if-none-match': 'W/"abc"' }, 304],
    [{ 'if-none-match': '"x", "a,b", W/"abc"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-none-match': 'abc' }, 200],
    [{ 'if-none-match': '' }, 200],
    [{ 'if-modified-since': MODIFIED }, 304],
    [{ 'if-modified-since': AFTER }, 304],
    [{ 'if-modified-since': BEFORE }, 200],
    [{ 'if-modified-since': 'Wednesday, 02-Jan-30 03:04:05 GMT' }, 304],
    [{ 'if-modified-since': 'Wed Jan  2 03:04:05 2030' }, 304],
    [{ 'if-modified-since': 'Wed Jan  2 03:04:04 2030' }, 200],
    [{ 'if-modified-since': '2031-01-01' }, 200],
    [{ 'if-modified-since': 'tomorrow' }, 200],
    // The tag says more than the date.
    [{ 'if-none-match': '"x"', 'if-modified-since': AFTER }, 200],
    [{ 'if-none-match': '"abc"', 'if-modified-since': BEFORE }, 304],
    [{ 'if-match': '"abc"' }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': 'W/"abc"' }, 412],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 412],
    [{ 'if-unmodified-since': MODIFIED }, 200],
    [{ 'if-unmodified-since': BEFORE }, 412],
    [{ 'if-match': '"abc"', 'if-unmodified-since': BEFORE }, 200],
    [{ range: 'bytes=0-1', 'if-none-match': '"abc"' }, 304],
    [{ range: 'bytes=5000-', 'if-none-match': '"abc"' }, 304],
    [{ range: 'bytes=0-1', 'if-range': '"abc"' }, 206],
    [{ range: 'bytes=0-1', 'if-range': 'W/"abc"' }, 200],
    [{ range: 'bytes=0-1', 'if-range': '"x"' }, 200],
    [{ range: 'bytes=0-1', 'if-range': MODIFIED }, 206],
    [{ range: 'bytes=0-1', 'if-range': AFTER }, 200],
    [{ range: 'bytes=0-1', 'if-range': 'never' }, 200],
    [{ range: 'bytes=5000-', 'if-range': '"x"' }, 200],
    [{ 'if-range': '"abc"' }, 200],
  ])('%j', (conditions, status) => {
    expect(decide('GET', conditions, selected).status).toBe(status);
  });
});
