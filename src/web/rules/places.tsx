import { Plus, Trash2 } from 'lucide-preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import type { Place } from './picture-editor.tsx';
import { type Points, type Rules, tidy } from './rules.ts';
import { hueOf } from './shape.tsx';
import {
  faultOfPlace,
  insertPoint,
  middleAfter,
  movePoint,
  removePoint,
  usersOf,
  withoutPlace,
  withPlace,
} from './zones.ts';

const t = text.rules.places;

interface Common {
  readonly rules: Rules;
  /** The rules in which places may be named. */
  readonly users: Rules;
  readonly onRules: (rules: Rules) => void;
  readonly onRename: (place: Place, to: string) => void;
  readonly onSelect: (place: Place | undefined) => void;
  /** Nothing may be changed. */
  readonly still: boolean;
}

/** Zones and lines as a list: their names, and their points as fields for those who cannot drag. */
export function Places({
  rules,
  selected,
  naming,
  ...rest
}: Common & {
  readonly selected: Place | undefined;
  /** Has just been drawn, and wants a name. */
  readonly naming: Place | undefined;
}) {
  const all = (['zones', 'lines'] as const).flatMap((kind) =>
    Object.keys(rules[kind]).map((name): Place => ({ kind, name })),
  );
  const is = (one: Place | undefined, { kind, name }: Place) => one?.kind === kind && one.name === name;
  return (
    <section aria-labelledby="places-title" class="places">
      <h3 id="places-title">{t.title}</h3>
      {all.length === 0 && <p class="small soft">{t.none}</p>}
      <ul>
        {all.map((place, i) => (
          <PlaceRow
            // Its name changes while it is written.
            key={`${place.kind} ${i}`}
            place={place}
            turn={i}
            rules={rules}
            selected={is(selected, place)}
            naming={is(naming, place)}
            {...rest}
          />
        ))}
      </ul>
    </section>
  );
}

function PlaceRow({
  place,
  turn,
  rules,
  users: among,
  still,
  onRules,
  onRename,
  selected,
  onSelect,
  naming,
}: Common & {
  readonly place: Place;
  readonly turn: number;
  readonly selected: boolean;
  readonly naming: boolean;
}) {
  const { kind, name } = place;
  const [typed, setTyped] = useState(name);
  const row = useRef<HTMLLIElement>(null);
  const points = rules[kind][name] ?? [];
  const users = usersOf(among, kind, name);
  const fault = faultOfPlace(kind, points);
  const taken = typed.trim() !== name && typed.trim() in rules[kind];
  useEffect(() => setTyped(name), [name]);
  useEffect(() => {
    if (!naming) return;
    const input = row.current?.querySelector('input');
    input?.focus();
    input?.select();
  }, [naming]);

  function rename(): void {
    const to = typed.trim();
    if (to === '' || taken) setTyped(name);
    else if (to !== name) onRename(place, to);
  }
  if (still) {
    return (
      <li class="row" ref={row}>
        <i class="place-swatch" ref={hueOf(turn)} aria-hidden="true" />
        {name}
      </li>
    );
  }
  return (
    <li ref={row} class={selected ? 'selected' : undefined} onFocusIn={() => !selected && onSelect(place)}>
      <div class="head">
        <i class="place-swatch" ref={hueOf(turn)} aria-hidden="true" />
        <TextField
          label={`${t.name} (${kind === 'zones' ? t.zone : t.line})`}
          value={typed}
          maxLength={200}
          wrong={taken ? t.nameTaken : fault && t.faults[fault]}
          hint={users.length > 0 ? t.usedBy(users.map((rule) => rule.name).join(', ')) : undefined}
          onText={setTyped}
          onBlur={rename}
          onKeyDown={({ key }) => key === 'Enter' && rename()}
        />
        <IconButton
          icon={Trash2}
          label={t.remove(name)}
          disabled={users.length > 0}
          onClick={() => {
            onSelect(undefined);
            onRules(withoutPlace(rules, kind, name));
          }}
        />
      </div>
      <details>
        <summary>{t.points}</summary>
        <PointFields
          points={points}
          least={kind === 'zones' ? 3 : 2}
          most={kind === 'zones' ? 200 : 2}
          onPoints={(next) => onRules(withPlace(rules, kind, name, next))}
        />
      </details>
    </li>
  );
}

function PointFields({
  points,
  least,
  most,
  onPoints,
}: {
  readonly points: Points;
  readonly least: number;
  readonly most: number;
  readonly onPoints: (points: Points) => void;
}) {
  return (
    <div class="point-fields">
      <p class="row small soft" aria-hidden="true">
        {t.pointsFrom.map((from) => (
          <span key={from}>{from}</span>
        ))}
      </p>
      {points.map(([x, y], i) => (
        <div class="row" key={`${i}`}>
          <NumberInput
            label={t.pointX(i + 1)}
            value={x}
            onValue={(next) => onPoints(movePoint(points, i, [next, y]))}
          />
          <NumberInput
            label={t.pointY(i + 1)}
            value={y}
            onValue={(next) => onPoints(movePoint(points, i, [x, next]))}
          />
          {points.length > least && (
            <IconButton
              small
              icon={Trash2}
              label={t.removePoint(i + 1)}
              onClick={() => onPoints(removePoint(points, i))}
            />
          )}
        </div>
      ))}
      {points.length < most && (
        <Button
          small
          kind="quiet"
          icon={Plus}
          onClick={() =>
            onPoints(insertPoint(points, points.length - 1, middleAfter(points, points.length - 1)))
          }
        >
          {t.addPoint}
        </Button>
      )}
    </div>
  );
}

/** A share as per cent, to hundredths. */
function NumberInput({
  label,
  value,
  onValue,
}: {
  readonly label: string;
  readonly value: number;
  readonly onValue: (value: number) => void;
}) {
  const id = useId();
  return (
    <>
      <label class="unseen" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="input"
        type="number"
        min={0}
        max={100}
        step={0.01}
        value={tidy(value * 100)}
        onChange={({ currentTarget }) => {
          const next = currentTarget.valueAsNumber;
          if (Number.isFinite(next)) onValue(next / 100);
          else currentTarget.value = String(tidy(value * 100));
        }}
      />
    </>
  );
}
