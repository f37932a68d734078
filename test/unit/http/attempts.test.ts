import { expect, it } from 'vitest';
import { createAttempts } from '../../../src/http/attempts.ts';

it('makes a client wait after so many wrong keys, for the rest of the time', () => {
  let now = 0;
  const attempts = createAttempts(3, 60_000, () => now);
  for (let n = 0; n < 2; n++) attempts.fail('a');
  expect(attempts.wait('a')).toBeUndefined();
  now = 15_000;
  attempts.fail('a');
  expect(attempts.wait('a')).toBe(45);
  expect(attempts.wait('b')).toBeUndefined();
  now = 59_999;
  expect(attempts.wait('a')).toBe(1);
  now = 60_000;
  expect(attempts.wait('a')).toBeUndefined();
  attempts.fail('a');
  expect(attempts.wait('a')).toBeUndefined();
});

it('knows who has shown which key', () => {
  const attempts = createAttempts(3, 60_000);
  attempts.succeed('a', '1');
  expect(attempts.knows('a', '1')).toBe(true);
  expect(attempts.knows('a', '2')).toBe(false);
  expect(attempts.knows('b', '1')).toBe(false);
});

it('keeps the latest in mind, and only so many', () => {
  const attempts = createAttempts(1, 60_000);
  for (let n = 0; n < 20_000; n++) {
    attempts.fail(`client ${n}`);
    attempts.succeed(`client ${n}`, 'key');
  }
  expect(attempts.wait('client 0')).toBeUndefined();
  expect(attempts.wait('client 19999')).toBe(60);
  expect(attempts.knows('client 0', 'key')).toBe(false);
  expect(attempts.knows('client 19999', 'key')).toBe(true);
});
