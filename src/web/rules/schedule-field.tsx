import { Plus, Trash2 } from 'lucide-preact';
import { useId } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { DAYS, type Span } from './rules.ts';

const t = text.rules.form;
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** When a rule counts: always, or in any of these times. */
export function ScheduleField({
  schedule,
  onSchedule,
}: {
  readonly schedule: readonly Span[];
  readonly onSchedule: (schedule: readonly Span[]) => void;
}) {
  const zones = useId();
  const put = (at: number, change: Partial<Span>) =>
    onSchedule(schedule.map((span, i) => (i === at ? { ...span, ...change } : span)));
  return (
    <fieldset class="schedule-field">
      <legend>{t.schedule}</legend>
      {schedule.length === 0 && <p class="small soft">{t.always}</p>}
      {schedule.map((span, i) => (
        // Times have nothing but their place to be known by.
        <div class="span" key={`${i}`}>
          <div class="days" role="group" aria-label={t.daysLabel}>
            {DAYS.map((day) => (
              <button
                key={day}
                type="button"
                class="button small"
                aria-pressed={span.days.includes(day)}
                onClick={() => {
                  const days = DAYS.filter((one) => (one === day) !== span.days.includes(one));
                  if (days.length > 0) put(i, { days });
                }}
              >
                {text.rules.days[day]}
              </button>
            ))}
            <IconButton
              small
              label={t.removeSpan}
              icon={Trash2}
              onClick={() => onSchedule(schedule.filter((_, at) => at !== i))}
            />
          </div>
          <div class="times">
            <TextField
              label={t.from}
              type="time"
              value={span.from}
              onText={(from) =>
                from && put(i, { from, ...(from === '00:00' && span.to === '00:00' && { to: '24:00' }) })
              }
            />
            <TextField
              label={t.to}
              type="time"
              // Midnight at the end of a day is 24:00, which browsers do not know.
              value={span.to === '24:00' ? '00:00' : span.to}
              onText={(to) => to && put(i, { to: to === '00:00' ? '24:00' : to })}
            />
            <TextField
              label={t.timeZone}
              list={zones}
              value={span.time_zone}
              onText={(time_zone) => put(i, { time_zone })}
            />
          </div>
        </div>
      ))}
      {schedule.length > 0 && <p class="small soft">{t.toHint}</p>}
      <Button
        small
        icon={Plus}
        onClick={() =>
          onSchedule([
            ...schedule,
            schedule.at(-1) ?? { days: DAYS, from: '08:00', to: '18:00', time_zone: HERE },
          ])
        }
      >
        {t.addSpan}
      </Button>
      <datalist id={zones}>
        {ZONES.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </fieldset>
  );
}
