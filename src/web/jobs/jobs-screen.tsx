import { Keyboard, SquareStack } from 'lucide-preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter-preact';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Help } from '../ui/help.tsx';
import { Empty, Loading, Screen } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';
import { Draft } from './draft.tsx';
import { useDropped } from './dropped.ts';
import { type Filter, filterOf, searchOf } from './filter.ts';
import { Filters } from './filters.tsx';
import { intakes, underWay } from './intake.ts';
import { IntakeRow } from './intake-row.tsx';
import { JobList } from './job-list.tsx';
import { LeftUploads } from './left-uploads.tsx';
import { NewJob } from './new-job.tsx';
import { useEnds } from './use-ends.ts';
import { useJobs } from './use-jobs.ts';

/** Videos: those that come in, and what has become of them. */
export default function JobsScreen() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filter = filterOf(search);
  const listed = useJobs(filter);
  const chooser = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [help, setHelp] = useState(false);
  const closeHelp = useCallback(() => setHelp(false), []);
  const ended = useEnds();
  const t = text.jobs;
  const filtered = filter.state !== undefined || filter.label !== undefined;
  const jobs = listed.pages?.jobs;
  const first = jobs?.length === 0 && !filtered && intakes.value.length === 0;
  const operator = may('operator');

  const change = (to: Filter) => navigate(`/${searchOf(to)}`, { replace: true });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inside = (event.target as HTMLElement).closest(
        'input, textarea, select, dialog, [role=combobox]',
      );
      if (inside || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') field.current?.focus();
      else if (event.key === 'n') chooser.current?.click();
      else if (event.key === '?') setHelp(true);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  return (
    <Screen
      title={text.app.jobs}
      actions={<IconButton label={t.keys} icon={Keyboard} onClick={() => setHelp(true)} />}
    >
      <div class="stack jobs">
        {operator ? <NewJob large={first} chooser={chooser} /> : <NoDrops />}
        {operator && <LeftUploads />}
        {operator && <Draft />}
        {underWay.value.length > 0 && (
          <section class="card" aria-label={t.underWay}>
            <ul class="comings">
              {underWay.value.map((intake) => (
                <IntakeRow key={intake.id} intake={intake} />
              ))}
            </ul>
          </section>
        )}
        {jobs && !(jobs.length === 0 && !filtered) && (
          <Filters filter={filter} field={field} onFilter={change} />
        )}
        {!jobs && listed.error === undefined && <Loading />}
        {jobs?.length === 0 && !filtered && !operator && (
          <Empty icon={SquareStack} title={t.firstTitle}>
            <p>{t.firstViewer}</p>
          </Empty>
        )}
        {jobs?.length === 0 && filtered && (
          <Empty icon={SquareStack} title={t.none}>
            <p>{t.noneBody}</p>
            <Button onClick={() => change({ state: undefined, label: undefined })}>{t.clear}</Button>
          </Empty>
        )}
        <JobList listed={listed} />
      </div>
      <p class="unseen" role="status">
        {ended}
      </p>
      {help && <Help title={t.keys} keys={t.keyList} onClose={closeHelp} />}
    </Screen>
  );
}

/** For those who may look only: a file that is dropped must not make the browser leave the page. */
function NoDrops() {
  useDropped(() => say(text.jobs.mayNot, true));
  return null;
}
