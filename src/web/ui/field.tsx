import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface About {
  readonly label: string;
  readonly hint?: string;
  readonly wrong?: string | undefined;
}

/** Gives `id` and what describes it to the control inside. */
export function Field({
  label,
  hint,
  wrong,
  children,
}: About & {
  readonly children: (control: {
    readonly id: string;
    readonly 'aria-describedby': string | undefined;
    readonly 'aria-invalid': boolean;
  }) => ComponentChildren;
}) {
  const id = useId();
  const [hintId, wrongId] = [`${id}-hint`, `${id}-wrong`];
  const describes = [hint && hintId, wrong && wrongId].filter(Boolean).join(' ') || undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': describes, 'aria-invalid': !!wrong })}
      {hint && (
        <span class="hint" id={hintId}>
          {hint}
        </span>
      )}
      {wrong && (
        <span class="wrong" id={wrongId} role="alert">
          {wrong}
        </span>
      )}
    </div>
  );
}

type Text = About & {
  readonly value: string;
  readonly onText: (value: string) => void;
} & Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'label' | 'value'>;

export function TextField({ label, hint, wrong, value, onText, ...rest }: Text) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(control) => (
        <input
          class="input"
          autocomplete="off"
          value={value}
          onInput={({ currentTarget }) => onText(currentTarget.value)}
          {...control}
          {...rest}
        />
      )}
    </Field>
  );
}

export function SelectField<T extends string>({
  label,
  hint,
  wrong,
  value,
  options,
  onSelect,
}: About & {
  readonly value: T;
  readonly options: readonly (readonly [value: T, label: string])[];
  readonly onSelect: (value: T) => void;
}) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(control) => (
        <select
          class="input"
          value={value}
          onChange={({ currentTarget }) => onSelect(currentTarget.value as T)}
          {...control}
        >
          {options.map(([one, name]) => (
            <option key={one} value={one}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Switch({
  label,
  checked,
  onSwitch,
  disabled,
}: {
  readonly label: ComponentChildren;
  readonly checked: boolean;
  readonly onSwitch: (checked: boolean) => void;
  readonly disabled?: boolean;
}) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        onChange={({ currentTarget }) => onSwitch(currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

/** One of a few. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onSelect,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, label: string])[];
  readonly onSelect: (value: T) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map(([one, name]) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onSelect(one)}>
          {name}
        </button>
      ))}
    </div>
  );
}
