import { Pencil, Plus, ScrollText, Trash2 } from 'lucide-preact';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Switch } from '../ui/field.tsx';
import { Empty } from '../ui/parts.tsx';
import { formOf } from './form.ts';
import type { Rule, Rules } from './rules.ts';
import { sayLength, sayRule, saySchedule } from './say.ts';

const t = text.rules;

/** The rules in words, each to be switched, changed and removed. */
export function RuleList({
  rules,
  onRules,
  onEdit,
  onAdd,
}: {
  readonly rules: Rules;
  readonly onRules: (rules: Rules) => void;
  readonly onEdit: (index: number) => void;
  readonly onAdd: () => void;
}) {
  const operator = may('operator');
  const add = operator && (
    <Button kind={rules.rules.length === 0 ? 'primary' : undefined} icon={Plus} onClick={onAdd}>
      {t.add}
    </Button>
  );
  if (rules.rules.length === 0) {
    return (
      <Empty icon={ScrollText} title={t.none}>
        <p>{operator ? t.noneBody : t.noneViewer}</p>
        {add}
      </Empty>
    );
  }
  const withRule = (index: number, rule: Rule | undefined) =>
    onRules({ ...rules, rules: rules.rules.flatMap((one, i) => (i !== index ? [one] : rule ? [rule] : [])) });
  return (
    <>
      <ul class="rule-list" aria-label={t.list}>
        {rules.rules.map((rule, i) => (
          <li key={rule.name} class={rule.enabled === false ? 'off' : undefined}>
            <div class="grow">
              <p class="name">{rule.name}</p>
              <p class="small">{sayRule(rule)}</p>
              <Details rule={rule} />
            </div>
            {operator && (
              <div class="acts">
                <Switch
                  label={<span class="unseen">{t.onOff(rule.name)}</span>}
                  checked={rule.enabled !== false}
                  onSwitch={(on) => {
                    const { enabled: _, ...rest } = rule;
                    withRule(i, on ? rest : { ...rest, enabled: false });
                  }}
                />
                <IconButton small icon={Pencil} label={t.edit(rule.name)} onClick={() => onEdit(i)} />
                <IconButton
                  small
                  icon={Trash2}
                  label={t.remove(rule.name)}
                  onClick={() => withRule(i, undefined)}
                />
              </div>
            )}
          </li>
        ))}
      </ul>
      {add && <p>{add}</p>}
    </>
  );
}

function Details({ rule }: { readonly rule: Rule }) {
  const more = [
    saySchedule(rule.schedule),
    rule.cooldown > 0 && t.cooldownOf(sayLength(rule.cooldown)),
    !rule.clip && t.noClip,
    !formOf(rule) && t.asText,
  ].filter(Boolean);
  return more.length > 0 ? <p class="small soft">{more.join(' · ')}</p> : null;
}
