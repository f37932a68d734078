import { describe, expect, it } from 'vitest';
import { fraction, integer, list, size, time } from '../../../src/cli/options.ts';
import { table } from '../../../src/cli/table.ts';

describe('times', () => {
  it.each([
    ['0', 0],
    ['12.5', 12.5],
    ['1:02', 62],
    ['1:02:03.5', 3723.5],
    ['90:00', 5400],
  ])('%s', (text, seconds) => expect(time(text)).toBe(seconds));
  it.each(['', '-1', '1:', ':1', '1:2:3:4', 'x', '1e3', '1.'])('not %s', (text) =>
    expect(() => time(text)).toThrow(/seconds/),
  );
});

describe('numbers', () => {
  it.each([
    ['1', 1],
    ['64', 64],
  ])('%s', (text, value) => expect(integer(1, 64)(text)).toBe(value));
  it.each(['0', '65', '1.5', '', ' ', '0x10', '1e1', '-3'])('not %s', (text) =>
    expect(() => integer(1, 64)(text)).toThrow('from 1 to 64'),
  );
  it('with a fraction', () => {
    expect(fraction(0, 1)('.5')).toBe(0.5);
    for (const text of ['', '1.1', '-0.1', 'half', 'NaN', 'Infinity']) {
      expect(() => fraction(0, 1)(text)).toThrow('from 0 to 1');
    }
  });
});

it('reads sizes with the height first', () => {
  expect(size('640x1137')).toEqual({ height: 640, width: 1137 });
  for (const text of ['640', '640x', 'x640', '640*480', '6x6'])
    expect(() => size(text)).toThrow('HEIGHTxWIDTH');
});

it('reads lists', () => {
  expect(list(' a, b c,,')).toEqual(['a', 'b c']);
});

it('sets tables by what is seen, not by bytes', () => {
  expect(
    table([
      ['✓', 'ä', 'x'],
      ['no', 'bcd', ''],
    ]),
  ).toBe('✓   ä    x\nno  bcd');
});
