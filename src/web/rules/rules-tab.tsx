import { useState } from 'preact/hooks';
import type { Stream } from '../api/client.ts';
import { changeStream } from '../live/use-streams.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Segments } from '../ui/field.tsx';
import { Notice, Problem } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';
import { check, type Fault } from './check.ts';
import { EMPTY_FORM, faultsOf, formOf, type RuleForm, ruleOf } from './form.ts';
import { PictureEditor, type Place } from './picture-editor.tsx';
import { Places } from './places.tsx';
import { Preview } from './preview.tsx';
import { RuleFields } from './rule-form.tsx';
import { RuleList } from './rule-list.tsx';
import { type Rules, same } from './rules.ts';
import { useAskBeforeLeaving, useDraft, useKept } from './use-draft.ts';
import { yamlOf } from './yaml.ts';
import { YamlView } from './yaml-view.tsx';
import { type Kind, renamePlace } from './zones.ts';

const t = text.rules;

/** Which rule is in the form. `before`: its name as it is in the draft; undefined: a new one. */
interface Editing {
  readonly form: RuleForm;
  readonly before: string | undefined;
  readonly tried: boolean;
}

/** A text that is not right yet, or says what the rules say in other words. */
interface Written {
  readonly text: string;
  readonly right: boolean;
}

type View = 'form' | 'yaml';

/** What a camera is watched for: zones and lines on its picture, rules as a form or as text, and what they would have met. */
export function RulesTab({
  stream,
  onStream,
}: {
  readonly stream: Stream;
  readonly onStream: (stream: Stream) => void;
}) {
  const draft = useDraft(stream);
  const operator = may('operator');
  const [view, setView] = useState<View>('form');
  const [written, setWritten] = useKept<Written>(`text ${stream.id}`);
  const [editing, setEditing] = useKept<Editing>(`form ${stream.id}`);
  const [tool, setTool] = useState<Kind>();
  const [selected, setSelected] = useState<Place>();
  const [naming, setNaming] = useState<Place>();
  const [discarding, setDiscarding] = useState(false);
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const formFaults = editing ? faultsOf(editing.form, draft.rules, editing.before) : {};
  const whole = Object.keys(formFaults).length === 0;
  const pending = written !== undefined && !written.right;
  const set = (rules: Rules) => {
    setFaults([]);
    setError(undefined);
    setWritten(undefined);
    draft.set(rules);
  };
  /** The rules with what is in the form. */
  const rules = editing && whole ? withForm(draft.rules, editing) : draft.rules;
  const edited = editing !== undefined && !(whole && same(rules, draft.rules));
  const changed = draft.changed || edited || written !== undefined;
  useAskBeforeLeaving(changed);

  function open(index: number): void {
    const rule = draft.rules.rules[index];
    const form = rule && formOf(rule);
    if (rule && form) setEditing({ form, before: rule.name, tried: false });
    else setView('yaml');
  }

  /** Puts what is in the form among the rules. False where it is not right yet. */
  function take(): boolean {
    if (!editing) return true;
    if (!whole) {
      setEditing({ ...editing, tried: true });
      return false;
    }
    set(rules);
    setEditing(undefined);
    return true;
  }

  function discard(): void {
    draft.discard();
    setEditing(undefined);
    setWritten(undefined);
    setFaults([]);
    setError(undefined);
    setSelected(undefined);
  }

  async function save(): Promise<void> {
    if (editing && !whole) {
      setView('form');
      setEditing({ ...editing, tried: true });
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      const checked = await check(written?.text ?? rules);
      setFaults(checked.faults);
      if (!checked.rules) return;
      onStream(await changeStream(stream.id, { rules: { ...checked.rules } }));
      discard();
      say(t.bar.saved);
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  }

  function rename({ kind, name }: Place, to: string): void {
    set(renamePlace(draft.rules, kind, name, to));
    setSelected({ kind, name: to });
    setNaming(undefined);
    if (!editing) return;
    const { form } = editing;
    const moved = (one: string) => (one === name ? to : one);
    const isPlace = (form.kind === 'crosses') === (kind === 'lines');
    const zones = kind === 'zones' ? form.zones.map(moved) : form.zones;
    setEditing({ ...editing, form: { ...form, zones, place: isPlace ? moved(form.place) : form.place } });
  }

  function onDrawn(place: Place): void {
    if (!editing) {
      setNaming(place);
      return;
    }
    const { form } = editing;
    const here = place.kind === 'zones' ? ['there', 'count', 'absent', 'share', 'change'] : [];
    const one = place.kind === 'zones' ? ['enters', 'leaves'] : ['crosses'];
    if (here.includes(form.kind)) {
      const many = form.kind === 'share' || form.kind === 'change' ? [] : form.zones;
      setEditing({ ...editing, form: { ...form, zones: [...many, place.name] } });
    } else if (one.includes(form.kind)) setEditing({ ...editing, form: { ...form, place: place.name } });
  }

  return (
    <div class="rules-tab">
      <div class="stack">
        <PictureEditor
          stream={stream}
          rules={draft.rules}
          onRules={set}
          tool={tool}
          onTool={setTool}
          selected={selected}
          onSelect={setSelected}
          onDrawn={onDrawn}
          still={!operator || pending}
        />
        <Places
          rules={draft.rules}
          users={rules}
          onRules={(next) => {
            setNaming(undefined);
            set(next);
          }}
          onRename={rename}
          selected={selected}
          onSelect={setSelected}
          naming={naming}
          still={!operator || pending}
        />
      </div>
      <section class="card rules-side" aria-labelledby="rules-title">
        <header class="row">
          <h2 id="rules-title" class="grow">
            {editing ? editing.form.name || t.form.newRule : t.title}
          </h2>
          <Segments<View>
            label={t.viewsLabel}
            value={view}
            options={[
              ['form', t.views.form],
              ['yaml', t.views.yaml],
            ]}
            onSelect={(next) => {
              if (next === view || (next === 'yaml' && !take())) return;
              if (!pending) setWritten(undefined);
              setView(next);
            }}
          />
        </header>
        {view === 'yaml' ? (
          <YamlView
            value={written?.text ?? yamlOf(rules)}
            fresh={!pending}
            readOnly={!operator}
            onText={(text) => setWritten({ text, right: false })}
            onRules={(next) => {
              setFaults([]);
              if (written) setWritten({ ...written, right: true });
              draft.set(next);
            }}
          />
        ) : pending ? (
          <Notice tone="warn">
            <p>{t.yaml.pending}</p>
            <p class="row">
              <Button small onClick={() => setView('yaml')}>
                {t.yaml.toText}
              </Button>
              <Button small kind="quiet" onClick={() => setWritten(undefined)}>
                {t.yaml.dropText}
              </Button>
            </p>
          </Notice>
        ) : editing ? (
          <>
            <RuleFields
              rules={draft.rules}
              form={editing.form}
              faults={formFaults}
              tried={editing.tried}
              onForm={(form) => setEditing({ ...editing, form })}
              onDraw={setTool}
            />
            <p class="row">
              <Button onClick={take}>{t.back}</Button>
              <Button kind="quiet" onClick={() => setEditing(undefined)}>
                {t.drop}
              </Button>
            </p>
          </>
        ) : (
          <RuleList
            rules={draft.rules}
            onRules={set}
            onEdit={open}
            onAdd={() => setEditing({ form: EMPTY_FORM, before: undefined, tried: false })}
          />
        )}
        {operator && changed && (
          <div class="save-bar">
            {draft.elsewhere && <Notice tone="warn">{t.bar.elsewhere}</Notice>}
            {faults.length > 0 && (
              <Notice tone="bad">
                <p>{t.bar.faulty}</p>
                <ul>
                  {faults.map(({ message, line, column }) => (
                    <li key={`${line} ${message}`}>
                      {line !== undefined && `${t.yaml.at(line, column ?? 1)}: `}
                      {message}
                    </li>
                  ))}
                </ul>
              </Notice>
            )}
            {error !== undefined && <Problem error={error} />}
            <p class="row">
              <span class="small soft grow">{t.bar.unsaved}</span>
              <Button kind="quiet" onClick={() => setDiscarding(true)}>
                {draft.elsewhere ? t.bar.theirs : t.bar.discard}
              </Button>
              <Button kind="primary" disabled={busy} onClick={() => void save()}>
                {t.bar.save}
              </Button>
            </p>
          </div>
        )}
      </section>
      {operator && <Preview stream={stream} rules={rules} />}
      {discarding && (
        <Confirm
          title={t.bar.discardTitle}
          action={t.bar.discard}
          onConfirm={discard}
          onClose={() => setDiscarding(false)}
        >
          <p>{t.bar.discardBody}</p>
        </Confirm>
      )}
    </div>
  );
}

function withForm(rules: Rules, { form, before }: Editing): Rules {
  const rule = ruleOf(form);
  // One that somebody else has removed meanwhile is put in again.
  const known = rules.rules.some(({ name }) => name === before);
  return {
    ...rules,
    rules: known ? rules.rules.map((one) => (one.name === before ? rule : one)) : [...rules.rules, rule],
  };
}
