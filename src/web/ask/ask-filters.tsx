import type { Job, Stream } from '../api/client.ts';
import { nameOf } from '../player/job-name.ts';
import { text } from '../text/en.ts';
import { Field, TextField } from '../ui/field.tsx';
import type { Question } from './ask-query.ts';

const t = text.ask;

/** Where and when it is looked for. */
export function AskFilters({
  question,
  streams,
  jobs,
  onQuestion,
}: {
  readonly question: Question;
  readonly streams: readonly Stream[];
  readonly jobs: readonly Job[];
  readonly onQuestion: (question: Question) => void;
}) {
  const { stream, job, from, to } = question;
  const value = stream !== undefined ? `stream:${stream}` : job !== undefined ? `job:${job}` : '';
  const known = value === '' || streams.some(({ id }) => id === stream) || jobs.some(({ id }) => id === job);
  return (
    <search class="past-filters ask-filters">
      <Field label={t.where}>
        {(control) => (
          <select
            class="input"
            value={value}
            onChange={({ currentTarget }) => {
              const [kind, id = ''] = currentTarget.value.split(':');
              onQuestion({
                ...question,
                stream: kind === 'stream' ? id : undefined,
                job: kind === 'job' ? id : undefined,
              });
            }}
            {...control}
          >
            <option value="">{t.everywhere}</option>
            {!known && <option value={value}>{stream ?? job}</option>}
            {streams.length > 0 && (
              <optgroup label={t.cameras}>
                {streams.map(({ id, name }) => (
                  <option key={id} value={`stream:${id}`}>
                    {name}
                  </option>
                ))}
              </optgroup>
            )}
            {jobs.length > 0 && (
              <optgroup label={t.jobs}>
                {jobs.map((one) => (
                  <option key={one.id} value={`job:${one.id}`}>
                    {nameOf(one)}
                  </option>
                ))}
              </optgroup>
            )}
          </select>
        )}
      </Field>
      <TextField
        label={t.from}
        type="date"
        value={from ?? ''}
        max={to}
        onText={(day) => onQuestion({ ...question, from: day || undefined })}
      />
      <TextField
        label={t.to}
        type="date"
        value={to ?? ''}
        min={from}
        onText={(day) => onQuestion({ ...question, to: day || undefined })}
      />
    </search>
  );
}
