import { describe, expect, it } from 'vitest';
import { EMPTY_FORM, faultsOf, formOf, type RuleForm, ruleOf } from '../../../src/web/rules/form.ts';
import { type Condition, DEFAULTS, NO_RULES, type Rule } from '../../../src/web/rules/rules.ts';

const rule = (when: Condition, more: Partial<Rule> = {}): Rule => ({
  name: 'one',
  when,
  ...DEFAULTS,
  ...more,
});

describe('a rule in the form', () => {
  it.each<readonly [string, Condition]>([
    ['anywhere', { object: ['car'] }],
    ['with synonyms', { object: ['car|vehicle', 'bus'], in: ['near', 'far'], for: 2.5 }],
    ['that goes in', { object: ['car'], enters: 'near', min_size: 0.002 }],
    ['that goes out', { object: ['car'], leaves: 'near', max_size: 0.07 }],
    ['over a line', { object: ['car'], crosses: 'kerb', direction: 'right', min_score: 0.35 }],
    ['that are many', { object: ['car'], count: '>= 3', speed: '< 0.05', for: 10 }],
    ['that are not there', { not: { object: ['person'], in: ['gate'], min_score: 0.3 }, for: 60 }],
    ['of stuff', { stuff: ['water|puddle'], share: '> 0.057', in: 'yard', for: 3 }],
    ['that grows', { stuff: ['smoke'], change: '> 0.01' }],
    ['that shrinks', { stuff: ['smoke'], change: '< -0.015' }],
  ])('comes back as it was: %s', (_, when) => {
    const schedule = [
      { days: ['mon', 'sun'] as const, from: '22:00', to: '06:00', time_zone: 'Europe/Berlin' },
    ];
    for (const one of [
      rule(when),
      rule(when, { schedule, cooldown: 60, linger: 0.5, pre_roll: 10, post_roll: 0, clip: false }),
      rule(when, { enabled: false }),
    ]) {
      const form = formOf(one);
      expect(form && ruleOf(form)).toEqual(one);
    }
  });

  it.each<readonly [string, Condition]>([
    ['all', { all: [{ object: ['car'] }, { object: ['bus'] }], for: 1 }],
    ['any', { any: [{ object: ['car'] }, { stuff: ['sky'], share: '< 0.1' }] }],
    ['no stuff', { not: { stuff: ['sky'], share: '> 0.1' } }],
    ['nothing that has lasted', { not: { object: ['car'], for: 0.5 } }],
    ['few that are not there', { not: { object: ['car'], count: '> 2' } }],
    ['what moves within a zone', { object: ['car'], crosses: 'kerb', in: ['near'] }],
    ['a move that is counted', { object: ['car'], enters: 'near', count: '>= 2' }],
    ['share and change', { stuff: ['sky'], share: '> 0.1', change: '> 0.01' }],
    ['something newer than the form', { object: ['car'], colour: 'red' } as Condition],
  ])('is left to the text where it has %s', (_, when) => {
    expect(formOf(rule(when))).toBeUndefined();
  });
});

describe('a form', () => {
  const form: RuleForm = { ...EMPTY_FORM, name: 'one', words: ['car'] };

  it('is a rule', () => {
    expect(faultsOf(form, NO_RULES)).toEqual({});
    expect(ruleOf({ ...form, name: ' one ', kind: 'share', amount: '12.5', operator: '<' })).toEqual(
      rule({ stuff: ['car'], share: '< 0.125' }),
    );
  });

  it.each<readonly [Partial<RuleForm>, object]>([
    [
      { name: '  ', words: [] },
      { name: 'needed', words: 'needed' },
    ],
    [{ name: 'Taken' }, { name: 'taken' }],
    [{ kind: 'crosses' }, { place: 'needed' }],
    [{ kind: 'count' }, { amount: 'needed' }],
    [{ kind: 'count', amount: '1.5' }, { amount: 'whole' }],
    [{ kind: 'share', amount: '101' }, { amount: 'percent' }],
    [{ kind: 'change', amount: '-3' }, {}],
    [
      { lasts: '-1', cooldown: '', linger: 'x' },
      { lasts: 'number', cooldown: 'needed', linger: 'number' },
    ],
    [{ minSize: '5', maxSize: '3' }, { minSize: 'order' }],
    [{ minScore: '200' }, { minScore: 'percent' }],
    // What the kind of rule does not ask for is not looked at.
    [{ kind: 'enters', place: 'near', lasts: '-1', amount: 'x' }, {}],
    [{ kind: 'share', amount: '1', minSize: '-4' }, {}],
  ])('says what is wrong with %o', (more, faults) => {
    const rules = { ...NO_RULES, rules: [rule({ object: ['car'] }, { name: 'taken' })] };
    expect(faultsOf({ ...form, ...more }, rules)).toEqual(faults);
  });

  it('may keep the name that it has', () => {
    const rules = { ...NO_RULES, rules: [rule({ object: ['car'] })] };
    expect(faultsOf(form, rules, 'one')).toEqual({});
    expect(faultsOf(form, rules)).toEqual({ name: 'taken' });
  });
});
