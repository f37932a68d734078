import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRules } from '../../../../src/clips/rules/read-rules.ts';
import { DEFAULTS } from '../../../../src/clips/rules/rules.ts';

const text = readFileSync('docs/rules.md', 'utf8');
const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, example]) => example);

describe('docs/rules.md', () => {
  it('has examples', () => expect(examples.length).toBeGreaterThan(2));
  it.each(examples.map((example, i) => [i + 1, example] as const))(
    'may be copied: example %i',
    (_, example) => expect(parseRules(example).faults).toEqual([]),
  );

  it('has the defaults as they are', () => {
    const said = (key: string) => new RegExp(`^\\| .*\`${key}\`.* \\| .* \\| (.*) \\|$`, 'm').exec(text)?.[1];
    const { linger, cooldown, pre_roll, post_roll, clip } = DEFAULTS;
    expect([said('linger'), said('cooldown'), said('clip')]).toEqual([
      `${linger} s`,
      `${cooldown} s`,
      `${clip}`,
    ]);
    expect([said('pre_roll'), said('post_roll')]).toEqual([`${pre_roll} s`, `${post_roll} s`]);
  });
});
