import { text } from '../text/en.ts';
import { SelectField, TextField } from '../ui/field.tsx';
import { chosenOf, isEvery, type Options } from './job-request.ts';

/** The options of a job, folded away. `models`: names of those that are there. */
export function JobOptions({
  options,
  models,
  standard,
  onOptions,
}: {
  readonly options: Options;
  readonly models: readonly string[];
  /** The model that the server takes by itself, if that is known. */
  readonly standard: string | undefined;
  readonly onOptions: (options: Options) => void;
}) {
  const t = text.jobs;
  const set =
    <K extends keyof Options>(key: K) =>
    (value: Options[K]) =>
      onOptions({ ...options, [key]: value });
  const chosen = chosenOf(options).length;
  return (
    <details class="options">
      <summary>
        {t.options}
        {chosen > 0 && <span class="badge accent">{t.more(chosen)}</span>}
      </summary>
      <div class="fields">
        <SelectField
          label={t.model}
          value={options.model}
          options={[
            ['', t.modelDefault(standard)],
            ...models.filter((name) => name !== standard).map((name) => [name, name] as const),
          ]}
          onSelect={set('model')}
        />
        <SelectField
          label={t.expand}
          hint={t.expandHint}
          value={options.expand}
          options={entriesOf(t.expansions)}
          onSelect={set('expand')}
        />
        <SelectField
          label={t.association}
          value={options.association}
          options={entriesOf(t.associations)}
          onSelect={set('association')}
        />
        <TextField
          label={t.every}
          hint={t.everyHint}
          wrong={isEvery(options.every) ? undefined : t.everyWrong}
          inputMode="numeric"
          value={options.every}
          onText={(typed) => set('every')(typed.trim())}
        />
        <SelectField
          label={t.labels}
          value={options.labels}
          options={entriesOf(t.labelKinds)}
          onSelect={set('labels')}
        />
        <SelectField
          label={t.priority}
          value={options.priority}
          options={entriesOf(t.priorities)}
          onSelect={set('priority')}
        />
        <SelectField
          label={t.format}
          value={options.format}
          options={entriesOf(t.formats)}
          onSelect={set('format')}
        />
      </div>
    </details>
  );
}

const entriesOf = <T extends string>(names: Readonly<Record<T, string>>) =>
  Object.entries(names) as [T, string][];
