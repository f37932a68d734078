import { MessageCircleQuestion, SearchX } from 'lucide-preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter-preact';
import { api, asked, type Found, type Job } from '../api/client.ts';
import { useStreams } from '../live/use-streams.ts';
import { nameOf } from '../player/job-name.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Empty, Loading, Problem, Screen } from '../ui/parts.tsx';
import { useAsked } from '../ui/use-asked.ts';
import { AskField, suggested } from './ask-field.tsx';
import { AskFilters } from './ask-filters.tsx';
import { placeAfter, type Question, questionOf, searchOf } from './ask-query.ts';
import { FoundCard, placeOf } from './found-card.tsx';
import { PlayFound } from './play-found.tsx';
import { useAnswer } from './use-answer.ts';

const t = text.ask;
/** Jobs that one can choose from. */
const JOBS = 100;
const EXAMPLES = 8;

/** Words over all that was seen, in recordings and jobs. The question is in the address. */
export default function AskScreen() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const question = questionOf(search);
  const { answer, error, busy, more, again } = useAnswer(question);
  const { streams = [] } = useStreams();
  const jobs = useJobs();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [playing, setPlaying] = useState<Found>();
  const close = useCallback(() => setPlaying(undefined), []);

  const go = (to: Question) => navigate(`/ask${searchOf(to)}`, { replace: to.q === question.q });
  const placed = (found: Found) =>
    placeOf(
      found,
      (id) => streams.find((one) => one.id === id)?.name ?? t.removedCamera(id),
      (id) => jobs.names.get(id) ?? id,
    );
  const plays = () => [...(list.current?.querySelectorAll<HTMLElement>('.play') ?? [])];
  function onKeyDown(event: KeyboardEvent): void {
    const all = plays();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const place = at < 0 ? undefined : placeAfter(at, event.key, all.length);
    if (place === undefined) return;
    event.preventDefault();
    (place < 0 ? field.current : all[place])?.focus();
  }
  const shown = answer && (answer.found.length > 0 ? answer.found : answer.near);
  useEffect(() => jobs.learn(shown ?? []), [shown]);
  const cards = (found: readonly Found[]) => (
    <ul class="found-grid">
      {found.map((one) => (
        <li key={`${one.stream ?? one.job} ${one.from} ${one.track}`}>
          <FoundCard found={one} place={placed(one)} onPlay={() => setPlaying(one)} />
        </li>
      ))}
    </ul>
  );

  return (
    <Screen title={text.app.ask}>
      <div class="stack ask">
        <AskField
          field={field}
          words={question.q}
          onAsk={(q) => go({ ...question, q })}
          onDown={() => plays()[0]?.focus()}
        />
        <AskFilters question={question} streams={streams} jobs={jobs.list} onQuestion={go} />
        <p class="unseen" role="status">
          {answer && t.found(answer.found.length, answer.next !== undefined, answer.took)}
        </p>
        {question.q === '' && <First onAsk={(q) => go({ ...question, q })} />}
        {question.q !== '' && !answer && error === undefined && <Loading />}
        {error !== undefined && <Problem error={error} onRetry={again} />}
        {question.q !== '' && answer && (
          <div ref={list} onKeyDown={onKeyDown} class="stack">
            {answer.found.length > 0 ? (
              <>
                <p class="small soft">
                  {t.found(answer.found.length, answer.next !== undefined, answer.took)}.{' '}
                  <span class="for-keys">{t.keyHint}</span>
                </p>
                {cards(answer.found)}
              </>
            ) : (
              <>
                <Nothing words={question.q} />
                {answer.near.length > 0 && (
                  <section aria-labelledby="near" class="stack">
                    <h2 id="near">{t.near}</h2>
                    <p class="soft">{t.nearHint}</p>
                    {cards(answer.near)}
                  </section>
                )}
              </>
            )}
            {answer.next !== undefined && (
              <Button disabled={busy} onClick={more}>
                {text.common.loadMore}
              </Button>
            )}
          </div>
        )}
      </div>
      {playing && (
        <PlayFound
          found={playing}
          title={t.playing(question.q, `${placed(playing).name}, ${placed(playing).when}`)}
          onClose={close}
        />
      )}
    </Screen>
  );
}

/** Jobs to choose from, and the names of others that something was found in. */
function useJobs() {
  const { data = [] } = useAsked(async (signal) => {
    const query = { state: 'done', limit: JOBS } as const;
    return (await asked(api.GET('/v1/jobs', { params: { query }, signal }))).jobs as readonly Job[];
  }, []);
  const [others, setOthers] = useState<ReadonlyMap<string, string>>(new Map());
  const names = new Map([...others, ...data.map((job) => [job.id, nameOf(job)] as const)]);
  const asking = useRef(new Set<string>());
  function learn(found: readonly Found[]): void {
    for (const { job } of found) {
      if (job === undefined || names.has(job) || asking.current.has(job)) continue;
      asking.current.add(job);
      asked(api.GET('/v1/jobs/{id}', { params: { path: { id: job } } }))
        .then(nameOf, () => t.removedJob)
        .then((name) => setOthers((before) => new Map(before).set(job, name)));
    }
  }
  return { list: data, names, learn };
}

/** What one can ask, before anything is asked. */
function First({ onAsk }: { readonly onAsk: (words: string) => void }) {
  const { data: words = [] } = useAsked((signal) => suggested('', EXAMPLES, signal), []);
  return (
    <Empty icon={MessageCircleQuestion} title={t.first}>
      <p>{t.firstBody}</p>
      {words.length > 0 && (
        <div class="examples">
          <span class="small">{t.examples}</span>
          {words.map((word) => (
            <Button key={word} small onClick={() => onAsk(word)}>
              {word}
            </Button>
          ))}
        </div>
      )}
    </Empty>
  );
}

function Nothing({ words }: { readonly words: string }) {
  return (
    <Empty icon={SearchX} title={t.noneTitle(words)}>
      <p>{t.none}</p>
      <ul class="tries">
        {t.tries.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </Empty>
  );
}
