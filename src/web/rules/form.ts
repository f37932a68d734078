import {
  type Condition,
  comparisonFrom,
  comparisonText,
  DEFAULTS,
  type ObjectCondition,
  type Operator,
  type Rule,
  type Rules,
  type Span,
  same,
  tidy,
} from './rules.ts';

/** A rule as a form shows it. What is typed is text; nothing typed is nothing asked for. Shares are per cent. */
export interface RuleForm {
  readonly name: string;
  readonly words: readonly string[];
  readonly kind: RuleKind;
  /** Of a zone: in any of these, all over the picture where there is none. `share` and `change` have one at most. */
  readonly zones: readonly string[];
  /** Where it goes in or out, or which line it crosses. */
  readonly place: string;
  readonly direction: 'any' | 'left' | 'right';
  /** Of a number, a share, or a change of that. */
  readonly operator: Operator;
  readonly amount: string;
  /** Seconds. */
  readonly lasts: string;
  readonly minSize: string;
  readonly maxSize: string;
  readonly minScore: string;
  readonly speedOperator: Operator;
  readonly speed: string;
  readonly schedule: readonly Span[];
  readonly cooldown: string;
  readonly linger: string;
  readonly preRoll: string;
  readonly postRoll: string;
  readonly clip: boolean;
  readonly enabled: boolean;
}

export const RULE_KINDS = [
  'there',
  'enters',
  'leaves',
  'crosses',
  'count',
  'absent',
  'share',
  'change',
] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/** What each kind of rule can say beside its words. */
export const CAN: Readonly<
  Record<
    RuleKind,
    {
      readonly zones?: 'many' | 'one';
      readonly lasts?: boolean;
      readonly amount?: boolean;
      readonly object?: boolean;
    }
  >
> = {
  there: { zones: 'many', lasts: true, object: true },
  enters: { object: true },
  leaves: { object: true },
  crosses: { object: true },
  count: { zones: 'many', lasts: true, amount: true, object: true },
  absent: { zones: 'many', lasts: true, object: true },
  share: { zones: 'one', lasts: true, amount: true },
  change: { zones: 'one', lasts: true, amount: true },
};

export const EMPTY_FORM: RuleForm = {
  ...{ name: '', words: [], kind: 'there', zones: [], place: '', direction: 'any' },
  ...{ operator: '>=', amount: '', lasts: '', minSize: '', maxSize: '', minScore: '' },
  ...{ speedOperator: '>', speed: '', schedule: [], clip: true, enabled: true },
  cooldown: String(DEFAULTS.cooldown),
  linger: String(DEFAULTS.linger),
  preRoll: String(DEFAULTS.pre_roll),
  postRoll: String(DEFAULTS.post_roll),
};

export type FormFaults = Partial<Record<keyof RuleForm, FormFault>>;
export type FormFault = 'needed' | 'number' | 'percent' | 'whole' | 'taken' | 'order';

/** What is wrong with a form, by field. The server has the last word. */
export function faultsOf(form: RuleForm, rules: Rules, before?: string): FormFaults {
  const can = CAN[form.kind];
  const faults: FormFaults = {};
  const name = form.name.trim();
  if (!name) faults.name = 'needed';
  else if (rules.rules.some((rule) => rule.name !== before && rule.name.toLowerCase() === name.toLowerCase()))
    faults.name = 'taken';
  if (form.words.length === 0) faults.words = 'needed';
  if (['enters', 'leaves', 'crosses'].includes(form.kind) && !form.place) faults.place = 'needed';
  const judge = (key: keyof RuleForm, fault: FormFault | undefined) => {
    if (fault) faults[key] = fault;
  };
  for (const key of ['cooldown', 'linger', 'preRoll', 'postRoll'] as const)
    judge(key, faultOfNumber(form[key], true));
  if (can.lasts) judge('lasts', faultOfNumber(form.lasts));
  if (can.amount) {
    const fault = faultOfNumber(form.amount, true, form.kind === 'change');
    const whole = form.kind === 'count' && !fault && !Number.isInteger(Number(form.amount));
    const most = form.kind === 'share' && !fault && Number(form.amount) > 100;
    judge('amount', fault ?? (whole ? 'whole' : most ? 'percent' : undefined));
  }
  if (can.object) {
    judge('speed', faultOfNumber(form.speed));
    for (const key of ['minSize', 'maxSize', 'minScore'] as const) {
      const fault = faultOfNumber(form[key]);
      judge(key, fault ?? (Number(form[key]) > 100 ? 'percent' : undefined));
    }
    if (
      !faults.minSize &&
      !faults.maxSize &&
      form.minSize &&
      form.maxSize &&
      Number(form.minSize) > Number(form.maxSize)
    )
      faults.minSize = 'order';
  }
  return faults;
}

function faultOfNumber(text: string, needed = false, negative = false): FormFault | undefined {
  if (text.trim() === '') return needed ? 'needed' : undefined;
  const value = Number(text);
  return Number.isFinite(value) && (negative || value >= 0) ? undefined : 'number';
}

/** The rule that a form without faults stands for. */
export function ruleOf(form: RuleForm): Rule {
  return {
    name: form.name.trim(),
    when: conditionOf(form),
    schedule: form.schedule,
    cooldown: Number(form.cooldown),
    linger: Number(form.linger),
    pre_roll: Number(form.preRoll),
    post_roll: Number(form.postRoll),
    clip: form.clip,
    ...(form.enabled ? {} : { enabled: false as const }),
  };
}

function conditionOf(form: RuleForm): Condition {
  const { kind, words, zones, place } = form;
  const lasts = CAN[kind].lasts && form.lasts.trim() !== '' ? { for: Number(form.lasts) } : {};
  const amount = (unit: number) =>
    comparisonText({ operator: form.operator, value: tidy(Number(form.amount) * unit) });
  const within = zones.length > 0 ? { in: zones } : {};
  const inOne = zones[0] === undefined ? {} : { in: zones[0] };
  const object = { object: words, ...qualitiesOf(form) };
  switch (kind) {
    case 'there':
      return { ...object, ...within, ...lasts };
    case 'enters':
      return { ...object, enters: place };
    case 'leaves':
      return { ...object, leaves: place };
    case 'crosses':
      return {
        ...object,
        crosses: place,
        ...(form.direction === 'any' ? {} : { direction: form.direction }),
      };
    case 'count':
      return { ...object, ...within, count: amount(1), ...lasts };
    case 'absent':
      return { not: { ...object, ...within }, ...lasts };
    case 'share':
      return { stuff: words, ...inOne, share: amount(0.01), ...lasts };
    case 'change':
      return { stuff: words, ...inOne, change: amount(0.01), ...lasts };
  }
}

function qualitiesOf({
  minSize,
  maxSize,
  minScore,
  speed,
  speedOperator,
}: RuleForm): Partial<ObjectCondition> {
  const share = (text: string) => tidy(Number(text) / 100);
  return {
    ...(minSize.trim() && { min_size: share(minSize) }),
    ...(maxSize.trim() && { max_size: share(maxSize) }),
    ...(minScore.trim() && { min_score: share(minScore) }),
    ...(speed.trim() && { speed: comparisonText({ operator: speedOperator, value: Number(speed) }) }),
  };
}

/** The form of a rule; undefined where a form cannot say all of what the rule says. */
export function formOf(rule: Rule): RuleForm | undefined {
  const said = saidBy(rule.when);
  if (!said) return undefined;
  const form: RuleForm = {
    ...EMPTY_FORM,
    ...said,
    name: rule.name,
    schedule: rule.schedule,
    cooldown: String(rule.cooldown),
    linger: String(rule.linger),
    preRoll: String(rule.pre_roll),
    postRoll: String(rule.post_roll),
    clip: rule.clip,
    enabled: rule.enabled !== false,
  };
  return same(ruleOf(form), rule) ? form : undefined;
}

function saidBy(when: Condition): Partial<RuleForm> | undefined {
  const lasts = when.for === undefined ? {} : { lasts: String(when.for) };
  const per = (share: number | undefined) => (share === undefined ? '' : String(tidy(share * 100)));
  if ('stuff' in when) {
    const kind = when.share === undefined ? 'change' : 'share';
    const { operator, value } = comparisonFrom(when[kind] ?? '');
    const zones = when.in === undefined ? [] : [when.in];
    return { kind, words: when.stuff, zones, operator, amount: per(value), ...lasts };
  }
  if ('not' in when) {
    const inside = 'object' in when.not ? saidBy(when.not) : undefined;
    return inside?.kind === 'there' ? { ...inside, kind: 'absent', ...lasts } : undefined;
  }
  if (!('object' in when)) return undefined;
  const speed = when.speed === undefined ? undefined : comparisonFrom(when.speed);
  const move = (['enters', 'leaves', 'crosses'] as const).find((one) => when[one] !== undefined);
  const count = when.count === undefined ? undefined : comparisonFrom(when.count);
  return {
    kind: move ?? (count ? 'count' : 'there'),
    words: when.object,
    zones: when.in ?? [],
    place: move ? (when[move] ?? '') : '',
    direction: when.direction ?? 'any',
    ...(count && { operator: count.operator, amount: String(count.value) }),
    minSize: per(when.min_size),
    maxSize: per(when.max_size),
    minScore: per(when.min_score),
    ...(speed && { speedOperator: speed.operator, speed: String(speed.value) }),
    ...lasts,
  };
}
