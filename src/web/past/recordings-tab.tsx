import { useSignalEffect } from '@preact/signals';
import { ChevronLeft, ChevronRight, Film, Radio } from 'lucide-preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Link, useLocation, useSearch } from 'wouter-preact';
import type { Clip, Stream } from '../api/client.ts';
import { useStreams } from '../live/use-streams.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { Help } from '../ui/help.tsx';
import { Empty, Loading, Notice, Problem } from '../ui/parts.tsx';
import { CutPanel, MadeClips } from './cut-panel.tsx';
import { dateOf, dayAt, sameClock, timeOfDate } from './days.ts';
import { DeskControls } from './desk-controls.tsx';
import { type Command, commandOf } from './keys.ts';
import { nearestRecorded } from './recorded.ts';
import { Stage } from './stage.tsx';
import { Timeline } from './timeline.tsx';
import { useDesk } from './use-desk.ts';
import { useFiles, useRecorded } from './use-recorded.ts';

const t = text.past;

/** A camera's days. `?stream=` and `?at=` are in the address. */
export function RecordingsTab() {
  const search = new URLSearchParams(useSearch());
  const { streams, error, again } = useStreams();
  if (!streams) return error === undefined ? <Loading /> : <Problem error={error} onRetry={again} />;
  const asked = search.get('stream') ?? undefined;
  const stream = asked ?? (streams.find(({ record }) => record) ?? streams[0])?.id;
  if (stream === undefined) {
    return (
      <Empty icon={Film} title={t.noCameras}>
        <p>{t.noCamerasBody}</p>
        <Link class="button primary" href="/live">
          {t.toLive}
        </Link>
      </Empty>
    );
  }
  return <Camera key={stream} stream={stream} streams={streams} />;
}

/** Milliseconds before the newest picture at which one begins. */
const AGO = 10_000;

function Camera({ stream, streams }: { readonly stream: string; readonly streams: readonly Stream[] }) {
  const [, navigate] = useLocation();
  const asked = timeOf(new URLSearchParams(useSearch()).get('at'));
  const files = useFiles(stream);
  const desk = useDesk(stream, files, asked ?? Date.now());
  const { data: recorded, error, again } = useRecorded(stream, desk.day.value);
  const [made, setMade] = useState<readonly Clip[]>([]);
  const [help, setHelp] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  /** The day was chosen, and no time of it: then the nearest time that is recorded is meant. */
  const anyTime = useRef(asked === undefined);
  const written = useRef(asked);
  const known = streams.find(({ id }) => id === stream);
  const mayCut = may('operator') && known !== undefined;

  // Before it is drawn.
  desk.recorded.value = recorded;
  useEffect(() => {
    if (!recorded) return;
    const { stretches } = recorded;
    const last = stretches.at(-1);
    if (anyTime.current) {
      const newest = last && Math.max(last.from, last.to - AGO);
      const time = Date.now() < desk.day.value.to ? newest : nearestRecorded(stretches, desk.at.value);
      if (time !== undefined) desk.moveTo(time);
    } else if (desk.shown.value === 'none') desk.moveTo(desk.at.value);
    anyTime.current = false;
  }, [recorded?.from, recorded !== undefined]);

  // The time stays in the address where one rests, so that it can be shared and come back to.
  useSignalEffect(() => {
    const time = Math.round(desk.at.value);
    if (desk.playing.value) return;
    const timer = setTimeout(() => {
      if (anyTime.current || time === written.current) return;
      written.current = time;
      const query = new URLSearchParams({ stream, at: new Date(time).toISOString() });
      navigate(`/recordings?${query}`, { replace: true });
    }, 400);
    return () => clearTimeout(timer);
  });
  useEffect(() => {
    if (asked === undefined || asked === written.current) return;
    written.current = asked;
    desk.jumpTo(asked);
  }, [asked, desk]);

  const obey = useCallback(
    (command: Command) => {
      if (command.does === 'help') setHelp(true);
      else if (command.does === 'full') {
        if (document.fullscreenElement) void document.exitFullscreen();
        else void frame.current?.requestFullscreen();
      } else if (mayCut || !['cut', 'in', 'out'].includes(command.does)) desk.obey(command);
    },
    [desk, mayCut],
  );
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (target.closest('input, textarea, select, dialog, [role=combobox]')) return;
      if (target.closest('button, a, summary') && [' ', 'Enter'].includes(event.key)) return;
      const command = commandOf(event);
      if (!command || (command.does === 'escape' && !desk.cutting.value)) return;
      event.preventDefault();
      obey(command);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [obey, desk]);

  function goToDay(time: number): void {
    anyTime.current = true;
    desk.moveTo(time);
  }
  const closeHelp = useCallback(() => setHelp(false), []);
  const today = dayAt(Date.now());
  const isToday = desk.day.value.from === today.from;
  const options = [
    ...streams.map(({ id, name }) => [id, name] as const),
    ...(known ? [] : [[stream, t.removedCamera(stream)] as const]),
  ];
  return (
    <div class="past">
      <div class="choose-day">
        <SelectField
          label={t.camera}
          value={stream}
          options={options}
          onSelect={(id) => {
            const query = new URLSearchParams({ stream: id, at: new Date(desk.at.value).toISOString() });
            navigate(`/recordings?${query}`);
          }}
        />
        <div class="row">
          <IconButton
            label={t.before}
            icon={ChevronLeft}
            onClick={() => goToDay(sameClock(desk.at.value, -1))}
          />
          <TextField
            label={t.day}
            type="date"
            value={dateOf(desk.day.value.from)}
            max={dateOf(Date.now())}
            onText={(text) => {
              const midnight = timeOfDate(text);
              if (midnight === undefined) return;
              const days = Math.round((midnight - desk.day.value.from) / 86_400_000);
              goToDay(sameClock(desk.at.value, days));
            }}
          />
          <IconButton
            label={t.after}
            icon={ChevronRight}
            disabled={isToday}
            onClick={() => goToDay(Math.min(Date.now(), sameClock(desk.at.value, 1)))}
          />
          <Button disabled={isToday} onClick={() => goToDay(Date.now())}>
            {t.today}
          </Button>
        </div>
        {known && (
          <Link class="button to-live" href={`/live/${stream}`}>
            <Radio size={18} aria-hidden="true" />
            {t.live}
          </Link>
        )}
      </div>
      {error !== undefined && <Problem error={error} onRetry={again} />}
      {known && !known.record && recorded?.stretches.length === 0 && isToday && (
        <Notice>
          <p>
            <strong>{t.notRecorded}.</strong> {t.notRecordedBody}{' '}
            <Link href={`/live/${stream}`}>{t.toCamera}</Link>
          </p>
        </Notice>
      )}
      <div class="desk">
        <Stage desk={desk} frame={frame} />
        {desk.error.value !== undefined && (
          <Problem error={desk.error.value} onRetry={() => desk.moveTo(desk.at.value)} />
        )}
        <DeskControls desk={desk} obey={obey} mayCut={mayCut} />
        {recorded ? (
          <Timeline desk={desk} stream={stream} recorded={recorded} mayCut={mayCut} />
        ) : (
          error === undefined && <Loading />
        )}
      </div>
      {mayCut && <CutPanel desk={desk} stream={stream} onMade={(clip) => setMade([clip, ...made])} />}
      <MadeClips clips={made} onClips={setMade} />
      {help && <Help title={t.keys} keys={t.keyList} onClose={closeHelp} />}
    </div>
  );
}

function timeOf(text: string | null): number | undefined {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
