import { text } from '../text/en.ts';
import { lengthOf } from '../ui/time.ts';
import { type Comparison, type Condition, comparisonFrom, type Rule, type Span, tidy } from './rules.ts';
import { durationText } from './yaml.ts';

/** Rules in words, for people. */

const t = text.rules.say;

export const sayRule = ({ when }: Rule): string => sayCondition(when);

function sayCondition(when: Condition): string {
  const lasts = when.for === undefined || when.for === 0 ? '' : t.lasts(durationText(when.for));
  return `${sayCore(when)}${lasts}`;
}

function sayCore(when: Condition): string {
  if ('all' in when) return t.all(when.all.map(sayCondition));
  if ('any' in when) return t.any(when.any.map(sayCondition));
  if ('not' in when) return t.not(sayCondition(when.not));
  if ('stuff' in when) {
    const where = when.in === undefined ? t.picture : when.in;
    const parts = [
      when.share !== undefined && t.share(compared(when.share, 100, ' %'), where),
      when.change !== undefined && t.change(compared(when.change, 100, ' %'), where),
    ].filter((part) => part !== false);
    return `${t.or(when.stuff)} ${t.and(parts)}`;
  }
  const { object, in: zones, enters, leaves, crosses, direction, count } = when;
  const what = count === undefined ? t.or(object) : `${compared(count)} ${t.or(object)}`;
  const where = zones === undefined ? '' : t.within(t.or(zones));
  const move =
    enters !== undefined
      ? t.enters(enters)
      : leaves !== undefined
        ? t.leaves(leaves)
        : crosses !== undefined
          ? t.crosses(crosses, direction)
          : '';
  const qualities = [
    when.min_size !== undefined && t.minSize(`${tidy(when.min_size * 100)} %`),
    when.max_size !== undefined && t.maxSize(`${tidy(when.max_size * 100)} %`),
    when.min_score !== undefined && t.minScore(`${tidy(when.min_score * 100)} %`),
    when.speed !== undefined && t.speed(compared(when.speed)),
  ].filter((part) => part !== false);
  return `${what}${where}${move}${qualities.length > 0 ? t.qualities(qualities) : ''}`;
}

function compared(written: string, factor = 1, unit = ''): string {
  const { operator, value }: Comparison = comparisonFrom(written);
  return t.operators[operator](`${tidy(value * factor)}${unit}`);
}

/** When a rule counts; undefined where that is always. */
export function saySchedule(spans: readonly Span[]): string | undefined {
  if (spans.length === 0) return undefined;
  return spans
    .map(({ days, from, to, time_zone }) => {
      const on = days.length === 7 ? t.everyDay : days.map((day) => text.rules.days[day]).join(', ');
      const whole = from === '00:00' && to === '24:00';
      return `${on}${whole ? '' : ` ${from}–${to}`} (${time_zone})`;
    })
    .join('; ');
}

/** Seconds as a reader says them. */
export const sayLength = (seconds: number): string =>
  seconds < 60 ? durationText(tidy(seconds)) : lengthOf(seconds);
