import { useEffect, useRef } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Segments, SelectField, Switch, TextField } from '../ui/field.tsx';
import { WordsField } from '../ui/words-field.tsx';
import { CAN, type FormFaults, RULE_KINDS, type RuleForm, type RuleKind } from './form.ts';
import { OPERATORS, type Operator, type Rules } from './rules.ts';
import { ScheduleField } from './schedule-field.tsx';
import type { Kind } from './zones.ts';

const t = text.rules.form;

interface Editing {
  readonly form: RuleForm;
  readonly onForm: (form: RuleForm) => void;
  readonly faults: FormFaults;
  /** Whether to say also what is missing: not before somebody wants to save. */
  readonly tried: boolean;
}

/** A rule as fields. Which there are depends on what the rule is about. */
export function RuleFields({
  rules,
  onDraw,
  ...editing
}: Editing & {
  readonly rules: Rules;
  readonly onDraw: (kind: Kind) => void;
}) {
  const { form, onForm } = editing;
  const can = CAN[form.kind];
  const put = (change: Partial<RuleForm>) => onForm({ ...form, ...change });
  const wrong = wrongOf(editing);
  const fields = useRef<HTMLDivElement>(null);
  const { tried } = editing;
  useEffect(() => {
    if (tried) fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [tried]);
  return (
    <div class="rule-fields stack" ref={fields}>
      <TextField
        label={t.name}
        hint={t.nameHint}
        value={form.name}
        wrong={wrong('name')}
        maxLength={200}
        onText={(name) => put({ name })}
      />
      <WordsField
        label={t.words}
        hint={t.wordsHint}
        words={form.words}
        wrong={wrong('words')}
        onWords={(words) => put({ words })}
      />
      <SelectField<RuleKind>
        label={t.kind}
        value={form.kind}
        options={RULE_KINDS.map((kind) => [kind, t.kinds[kind]] as const)}
        onSelect={(kind) => put({ kind, ...(kind === form.kind ? {} : { place: '' }) })}
      />
      {can.amount && <Amount {...editing} />}
      {can.zones === 'many' && (
        <ZonesField rules={rules} zones={form.zones} onZones={(zones) => put({ zones })} onDraw={onDraw} />
      )}
      {can.zones === 'one' && (
        <PlaceField
          label={t.zone}
          none={t.wholePicture}
          places={Object.keys(rules.zones)}
          value={form.zones[0] ?? ''}
          onPlace={(zone) => put({ zones: zone ? [zone] : [] })}
          draw={t.drawZone}
          onDraw={() => onDraw('zones')}
        />
      )}
      {(form.kind === 'enters' || form.kind === 'leaves') && (
        <PlaceField
          label={t.zone}
          none={t.choose}
          places={Object.keys(rules.zones)}
          value={form.place}
          wrong={wrong('place')}
          onPlace={(place) => put({ place })}
          draw={t.drawZone}
          onDraw={() => onDraw('zones')}
        />
      )}
      {form.kind === 'crosses' && (
        <>
          <PlaceField
            label={t.line}
            none={t.choose}
            places={Object.keys(rules.lines)}
            value={form.place}
            wrong={wrong('place')}
            onPlace={(place) => put({ place })}
            draw={t.drawLine}
            onDraw={() => onDraw('lines')}
          />
          <div class="field">
            <span class="label">{t.direction}</span>
            <Segments<RuleForm['direction']>
              label={t.direction}
              value={form.direction}
              options={(['any', 'left', 'right'] as const).map((one) => [one, t.directions[one]] as const)}
              onSelect={(direction) => put({ direction })}
            />
            <span class="hint">{t.directionHint}</span>
          </div>
        </>
      )}
      {can.lasts && (
        <NumberField
          label={t.lasts}
          hint={t.lastsHint}
          value={form.lasts}
          wrong={wrong('lasts')}
          onText={(lasts) => put({ lasts })}
        />
      )}
      {can.object && <Qualities {...editing} />}
      <Times {...editing} />
    </div>
  );
}

const wrongOf =
  ({ faults, tried }: Pick<Editing, 'faults' | 'tried'>) =>
  (key: keyof RuleForm): string | undefined => {
    const fault = faults[key];
    return fault && (tried || fault !== 'needed') ? t.faults[fault] : undefined;
  };

function NumberField(props: Parameters<typeof TextField>[0]) {
  return <TextField inputMode="decimal" {...props} />;
}

function OperatorField({
  value,
  onSelect,
}: {
  readonly value: Operator;
  readonly onSelect: (value: Operator) => void;
}) {
  return (
    <SelectField<Operator>
      label={t.comparison}
      value={value}
      options={OPERATORS.map((one) => [one, t.operators[one]] as const)}
      onSelect={onSelect}
    />
  );
}

function Amount({ form, onForm, ...rest }: Editing) {
  const wrong = wrongOf(rest);
  const label = form.kind === 'count' ? t.amount : form.kind === 'share' ? t.shareAmount : t.changeAmount;
  return (
    <div class="pair">
      <OperatorField value={form.operator} onSelect={(operator) => onForm({ ...form, operator })} />
      <NumberField
        label={label}
        value={form.amount}
        wrong={wrong('amount')}
        onText={(amount) => onForm({ ...form, amount })}
      />
    </div>
  );
}

function ZonesField({
  rules,
  zones,
  onZones,
  onDraw,
}: {
  readonly rules: Rules;
  readonly zones: readonly string[];
  readonly onZones: (zones: readonly string[]) => void;
  readonly onDraw: (kind: Kind) => void;
}) {
  return (
    <div class="field">
      <span class="label">{t.zones}</span>
      <div class="row" role="group" aria-label={t.zones}>
        {Object.keys(rules.zones).map((zone) => (
          <button
            key={zone}
            type="button"
            class="button small"
            aria-pressed={zones.includes(zone)}
            onClick={() =>
              onZones(zones.includes(zone) ? zones.filter((one) => one !== zone) : [...zones, zone])
            }
          >
            <span class="cut">{zone}</span>
          </button>
        ))}
        <Button small kind="quiet" onClick={() => onDraw('zones')}>
          {t.drawZone}
        </Button>
      </div>
      <span class="hint">{t.zonesHint}</span>
    </div>
  );
}

function PlaceField({
  label,
  none,
  places,
  value,
  wrong,
  onPlace,
  draw,
  onDraw,
}: {
  readonly label: string;
  readonly none: string;
  readonly places: readonly string[];
  readonly value: string;
  readonly wrong?: string | undefined;
  readonly onPlace: (place: string) => void;
  readonly draw: string;
  readonly onDraw: () => void;
}) {
  return (
    <div class="place-field">
      <SelectField
        label={label}
        value={value}
        wrong={wrong}
        options={[['', none] as const, ...places.map((place) => [place, place] as const)]}
        onSelect={onPlace}
      />
      <Button small kind="quiet" onClick={onDraw}>
        {draw}
      </Button>
    </div>
  );
}

function Qualities({ form, onForm, ...rest }: Editing) {
  const wrong = wrongOf(rest);
  const put = (change: Partial<RuleForm>) => onForm({ ...form, ...change });
  const used = [form.minSize, form.maxSize, form.minScore, form.speed].some(Boolean);
  return (
    <details open={used || undefined}>
      <summary>{t.more}</summary>
      <div class="stack">
        <NumberField
          label={t.minSize}
          value={form.minSize}
          wrong={wrong('minSize')}
          onText={(minSize) => put({ minSize })}
        />
        <NumberField
          label={t.maxSize}
          value={form.maxSize}
          wrong={wrong('maxSize')}
          onText={(maxSize) => put({ maxSize })}
        />
        <NumberField
          label={t.minScore}
          hint={t.minScoreHint}
          value={form.minScore}
          wrong={wrong('minScore')}
          onText={(minScore) => put({ minScore })}
        />
        <div class="pair">
          <OperatorField value={form.speedOperator} onSelect={(speedOperator) => put({ speedOperator })} />
          <NumberField
            label={t.speed}
            value={form.speed}
            wrong={wrong('speed')}
            onText={(speed) => put({ speed })}
          />
        </div>
      </div>
    </details>
  );
}

function Times({ form, onForm, ...rest }: Editing) {
  const wrong = wrongOf(rest);
  const put = (change: Partial<RuleForm>) => onForm({ ...form, ...change });
  return (
    <details>
      <summary>{t.event}</summary>
      <div class="stack">
        <ScheduleField schedule={form.schedule} onSchedule={(schedule) => put({ schedule })} />
        <NumberField
          label={t.cooldown}
          value={form.cooldown}
          wrong={wrong('cooldown')}
          onText={(cooldown) => put({ cooldown })}
        />
        <NumberField
          label={t.linger}
          value={form.linger}
          wrong={wrong('linger')}
          onText={(linger) => put({ linger })}
        />
        <Switch label={t.clip} checked={form.clip} onSwitch={(clip) => put({ clip })} />
        {form.clip && (
          <div class="pair even">
            <NumberField
              label={t.preRoll}
              value={form.preRoll}
              wrong={wrong('preRoll')}
              onText={(preRoll) => put({ preRoll })}
            />
            <NumberField
              label={t.postRoll}
              value={form.postRoll}
              wrong={wrong('postRoll')}
              onText={(postRoll) => put({ postRoll })}
            />
          </div>
        )}
        <Switch label={t.enabled} checked={form.enabled} onSwitch={(enabled) => put({ enabled })} />
      </div>
    </details>
  );
}
