import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventStream, eventText } from '../../../src/http/events.ts';
import type { JobEvent } from '../../../src/jobs/jobs.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const event = (id: string): JobEvent => ({ id, event: 'progress', data: { progress: 0.5 } });

it('writes events so that nothing in them can be another one', () => {
  expect(eventText(event('7-0'))).toBe('id: 7-0\nevent: progress\ndata: {"progress":0.5}\n\n');
  const odd = { id: '1\n\nid: 2', event: 'done\r' as 'done', data: { text: 'a\n\ndata: b\u2028' } };
  expect(eventText(odd)).toBe('id: 1id: 2\nevent: done\ndata: {"text":"a\\n\\ndata: b\u2028"}\n\n');
});

it('shows a sign of life while nothing happens, and stops with the events', async () => {
  let happen = (_value?: unknown) => {};
  let ended = false;
  async function* events() {
    try {
      yield event('1');
      await new Promise((resolve) => {
        happen = resolve;
      });
      yield event('2');
    } finally {
      ended = true;
    }
  }
  const closing = new AbortController();
  const stream = eventStream(events(), { closing: closing.signal, heartbeatMs: 15_000 });
  expect((await stream.next()).value).toBe('retry: 1000\n\n');
  expect((await stream.next()).value).toBe(eventText(event('1')));
  for (let n = 0; n < 3; n++) {
    const next = stream.next();
    await vi.advanceTimersByTimeAsync(15_000);
    expect((await next).value).toBe(': still here\n\n');
  }
  const next = stream.next();
  happen();
  expect((await next).value).toBe(eventText(event('2')));
  expect((await stream.next()).done).toBe(true);
  expect(ended).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('says goodbye when the server closes', async () => {
  const closing = new AbortController();
  let ended = false;
  async function* events() {
    try {
      yield event('1');
      yield event('2');
    } finally {
      ended = true;
    }
  }
  const stream = eventStream(events(), { closing: closing.signal });
  await stream.next();
  await stream.next();
  closing.abort();
  expect((await stream.next()).value).toMatch(/^: .*again\n\n$/);
  expect((await stream.next()).done).toBe(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).toBe(true);
});

it('asks for no event before the one before is taken, and passes failures on', async () => {
  let asked = 0;
  async function* events() {
    for (;;) {
      if (++asked === 4) throw new Error('lost');
      yield event(String(asked));
    }
  }
  const stream = eventStream(events(), { closing: new AbortController().signal });
  await stream.next();
  for (let n = 1; n <= 3; n++) {
    await stream.next();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(asked).toBe(n);
  }
  await expect(stream.next()).rejects.toThrow('lost');
});
