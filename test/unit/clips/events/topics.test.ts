import { describe, expect, it } from 'vitest';
import { discoveryOf, slugOf, topicsOf } from '../../../../src/clips/events/topics.ts';

describe('a rule in a topic', () => {
  it.each(['loitering', 'a', 'zone-2', '7'])('is itself where it can be: %s', (name) => {
    expect(slugOf(name)).toBe(name);
  });

  it.each([
    ['Dog at door', 'dog-at-door-004603'],
    ['Ältere Straße #1', /^altere-stra-e-1-[\da-f]{6}$/],
    ['車', /^rule-[\da-f]{6}$/],
    ['a/b', /^a-b-[\da-f]{6}$/],
    ['+', /^rule-[\da-f]{6}$/],
    ['#', /^rule-[\da-f]{6}$/],
    ['-a', /^a-[\da-f]{6}$/],
    ['a_b', /^a-b-[\da-f]{6}$/],
    ['x'.repeat(200), /^x{50}-[\da-f]{6}$/],
  ])('is never another one, nor a wildcard: %s', (name, slug) => {
    expect(slugOf(name)).toMatch(slug);
    expect(slugOf(name)).toMatch(/^[a-z0-9-]{1,60}$/);
  });

  it('is told from those that look like it', () => {
    const names = [
      'dog at door',
      'Dog at door',
      'dog-at-door',
      'dog  at door',
      'dog/at/door',
      'DOG-AT-DOOR',
      '車',
      '犬',
    ];
    expect(new Set(names.map(slugOf)).size).toBe(names.length);
  });
});

it('topics are below a prefix of any depth', () => {
  expect(topicsOf('home/cameras', 's1', 'parked')).toEqual({
    event: 'home/cameras/s1/parked/event',
    state: 'home/cameras/s1/parked/state',
  });
});

it('Home Assistant is told of each rule apart', () => {
  const settings = { prefix: 'p', discovery: 'ha', version: '1' };
  const stream = { stream: 's1', name: 'Gate "1"' };
  const [one, other] = ['Dog', 'dog'].map((rule) => discoveryOf(stream, rule, settings));
  expect(one.topic).not.toBe(other.topic);
  expect(JSON.parse(one.payload).unique_id).not.toBe(JSON.parse(other.payload).unique_id);
  expect(JSON.parse(one.payload)).toMatchObject({ name: 'Dog', device: { name: 'Gate "1"' } });
});
