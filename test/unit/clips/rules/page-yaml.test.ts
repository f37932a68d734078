import { describe, expect, it } from 'vitest';
import { parseRules } from '../../../../src/clips/rules/read-rules.ts';
import { yamlOf } from '../../../../src/web/rules/yaml.ts';

/** What the page writes of rules says the same to the reader. */

const read = (text: string) => {
  const { rules, faults } = parseRules(text);
  expect(faults).toEqual([]);
  return rules!;
};

describe('YAML of the page', () => {
  it('is as people write it', () => {
    const text = `zones:
  near: [[0.25, 0.5], [0.75, 0.5], [0.75, 1], [0.25, 1]]
lines:
  "on": [[0, 0.6], [1, 0.6]]
rules:
  - name: car comes near
    when: { object: car, enters: near, min_size: 0.2 % }
    cooldown: 1 min
    clip: false
  - name: "50 %: wet"
    when: { stuff: water|puddle, in: near, share: "> 5 %", for: 2.5 s }
  - name: jam
    when: { object: [car, bus], in: near, count: ">= 3", speed: "< 0.05" }
    schedule: { days: [mon, tue], from: "22:00", to: "06:00", time_zone: Europe/Berlin }
`;
    expect(yamlOf(read(text))).toBe(text.replace('Europe/Berlin', '"Europe/Berlin"'));
  });

  it.each([
    ['rules: []\n'],
    [
      `rules:
  - name: parcel left alone
    when:
      all:
        - { object: "parcel, of any size", min_score: 0.33, for: 90 s }
        - { not: { object: person|somebody who is near enough to care, in: [gate, yard], for: 0.5 s } }
        - any:
            - { stuff: smoke, change: "< -1 %" }
            - { stuff: [fire, flames, "a glow of red that is seen at night alone"], share: ">= 0.07", for: 2 h }
      for: 1 min
    linger: 5 s
    pre_roll: 10 s
    schedule:
      - { days: [sat] }
      - { from: "08:00", to: "24:00", time_zone: America/New_York }
zones:
  gate: [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9], [0.1, 0.9]]
  yard: [[0.4, 0.4], [1, 0.4], [1, 1], [0.4, 1]]
`.replace('"parcel, of any size"', 'parcel'),
    ],
    [
      `zones: { "1": [[0, 0], [1, 0], [0, 1]], "a: b # c": [[0, 0], [1, 0], [0, 1]], "größe [ä]": [[0, 0], [1, 0], [0, 1]] }
rules:
  - { name: "- \\"quoted\\" \\\\ 'x'\\t&", when: { object: "null", in: ["1", "a: b # c", "größe [ä]"] } }
  - { name: "true", when: { object: ["a\\\\|b", "~", "=", "1"] } }
`,
    ],
  ])('says the same', (text) => {
    const rules = read(text);
    const written = yamlOf(rules);
    expect(read(written)).toEqual(rules);
    // And stays as it is from then on.
    expect(yamlOf(read(written))).toBe(written);
    expect(Math.max(...written.split('\n').map((line) => line.length))).toBeLessThan(130);
  });
});
