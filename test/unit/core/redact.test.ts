import { expect, it } from 'vitest';
import { redact } from '../../../src/core/redact.ts';

it.each([
  ['rtsp://me:secret@cam/stream', 'rtsp://***@cam/stream'],
  ['rtsp://me:se@cret@cam/stream', 'rtsp://***@cam/stream'],
  ['rtsp://me:se/cret@cam/stream', 'rtsp://***@cam/stream'],
  ["rtsp://me:se'cret@cam:554/stream", 'rtsp://***@cam:554/stream'],
  ['redis://:secret@host:6379/0', 'redis://***@host:6379/0'],
  ['secret@host is no address', 'secret@host is no address'],
  ['two: http://a:b@c/ and http://d:e@f/', 'two: http://***@c/ and http://***@f/'],
  ['http://host/a?x=1&token=secret&y=2', 'http://host/a?x=1&token=***&y=2'],
  ['http://host/a?X-Amz-Signature=secret', 'http://host/a?X-Amz-Signature=***'],
  ['http://host:8080/files/me@home.mp4', 'http://host:8080/files/me@home.mp4'],
  ['http://host/files/me@home.mp4', 'http://host/files/me@home.mp4'],
  ['file:/home/me@work/a.mp4', 'file:/home/me@work/a.mp4'],
])('makes %s into %s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});
