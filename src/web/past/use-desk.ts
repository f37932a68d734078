import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { speedAfter } from '../player/keys.ts';
import { text } from '../text/en.ts';
import { dayAt, type Span } from './days.ts';
import type { Files } from './files.ts';
import type { Command } from './keys.ts';
import { nextMark, type Recorded, recordedFrom, spanAt } from './recorded.ts';
import { spokenLength } from './spoken-length.ts';
import { createStills } from './stills.ts';
import { createTape, type Tape } from './tape.ts';
import { centred, panned, showing, zoomed } from './view.ts';

/** What one looks at of a recording, and what one does with it. Times are milliseconds since 1970. */
export interface Desk {
  readonly at: Signal<number>;
  readonly day: ReadonlySignal<Span>;
  /** What of the day the timeline shows. */
  readonly view: Signal<Span>;
  readonly playing: Signal<boolean>;
  readonly waiting: Signal<boolean>;
  /** What is seen: the video; nothing, since nothing is recorded there; single pictures, since the browser plays no such video. */
  readonly shown: Signal<'video' | 'none' | 'refused'>;
  readonly error: Signal<unknown>;
  /** Something to be told in passing. */
  readonly note: Signal<string>;
  readonly speed: Signal<number>;
  readonly muted: Signal<boolean>;
  /** Address of a single picture, while one moves about. */
  readonly still: Signal<string | undefined>;
  /** What is to be cut; undefined: nothing. */
  readonly range: Signal<Span | undefined>;
  readonly cutting: Signal<boolean>;
  readonly recorded: Signal<Recorded | undefined>;
  /** `resting`: one stays there; else the picture is shown as soon as may be. */
  moveTo(time: number, resting?: boolean): void;
  /** The same, in the middle of the timeline. */
  jumpTo(time: number): void;
  /** Takes the video elements; gives what lets them go. */
  mount(a: HTMLVideoElement, b: HTMLVideoElement): () => void;
  obey(command: Command): void;
}

/** Milliseconds after the last move until one rests. */
const REST = 200;
/** Milliseconds that something is told in passing. */
const NOTED = 6000;
/** Of the timeline, what a clip has at first. */
const CUT = 0.1;

export const reasonOf = (code: string | undefined): string =>
  text.past.reasons[code ?? 'UNKNOWN'] ?? code ?? '';

function createDesk(stream: string, files: Files, begin: number): Desk {
  const at = signal(begin);
  const midnight = computed(() => dayAt(at.value).from);
  const day = computed(() => dayAt(midnight.value));
  const view = signal<Span>(day.value);
  const playing = signal(false);
  const waiting = signal(false);
  const shown = signal<'video' | 'none' | 'refused'>('none');
  const error = signal<unknown>(undefined);
  const note = signal('');
  const speed = signal(1);
  const muted = signal(false);
  const still = signal<string | undefined>(undefined);
  const range = signal<Span | undefined>(undefined);
  const cutting = signal(false);
  const recorded = signal<Recorded | undefined>(undefined);

  let tape: Tape | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let noted: ReturnType<typeof setTimeout> | undefined;
  /** Played when one began to move about, and goes on when one rests. */
  let goesOn = false;
  const stills = createStills((address) => {
    still.value = address;
  });

  const pictureAt = (time: number): string =>
    `/v1/streams/${encodeURIComponent(stream)}/recordings/picture.jpg?at=${Math.floor(time)}`;

  /** The picture of a whole second, so that moving to and fro asks for few. */
  function wantStill(time: number, exact: boolean): void {
    const stretch = spanAt(recorded.value?.stretches ?? [], time);
    if (stretch)
      stills.want(
        pictureAt(exact ? time : Math.max(Math.ceil(stretch.from), Math.floor(time / 1000) * 1000)),
      );
  }

  function setTime(time: number): void {
    const before = day.value;
    at.value = time;
    if (day.value.from !== before.from) view.value = onDay(view.value, before, day.value, time);
  }

  function rest(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!spanAt(recorded.value?.stretches ?? [], at.value)) stills.forget();
    void tape?.seek(at.value);
    if (goesOn) void tape?.play();
    goesOn = false;
  }

  function moveTo(to: number, resting = true): void {
    // The address and the API know whole milliseconds.
    const time = Math.round(to);
    setTime(time);
    note.value = '';
    error.value = undefined;
    clearTimeout(timer);
    if (resting) {
      rest();
      return;
    }
    if (playing.value) {
      goesOn = true;
      tape?.pause();
    }
    wantStill(time, false);
    timer = setTimeout(rest, REST);
  }

  function play(): void {
    if (playing.value) {
      tape?.pause();
      return;
    }
    const from = recordedFrom(recorded.value?.stretches ?? [], at.value);
    if (from !== undefined && from !== at.value) {
      const gap = spanAt(recorded.value?.gaps ?? [], at.value);
      const left = { from: at.value, to: from, ...(gap ? { reason: gap.reason } : {}) };
      moveTo(from);
      jumped(left);
    }
    void tape?.play();
  }

  function jumped({ from, to, reason }: Span & { readonly reason?: string }): void {
    note.value = text.past.jumped(spokenLength((to - from) / 1000), reasonOf(reason));
    clearTimeout(noted);
    noted = setTimeout(() => {
      note.value = '';
    }, NOTED);
  }

  function obey(command: Command): void {
    const bounds = day.value;
    const stretches = recorded.value?.stretches ?? [];
    const follow = (time: number | undefined) => {
      if (time === undefined) return;
      moveTo(time, false);
      view.value = showing(view.value, time, day.value);
    };
    switch (command.does) {
      case 'play':
        play();
        return;
      case 'step':
        void tape?.step(command.direction);
        return;
      case 'move':
        follow(Math.min(at.value + command.by, Date.now()));
        return;
      case 'mark':
        follow(recorded.value && nextMark(recorded.value, at.value, command.direction));
        return;
      case 'begin':
        follow(stretches[0]?.from);
        return;
      case 'end':
        follow(stretches.at(-1) && Math.max(stretches.at(-1)!.from, stretches.at(-1)!.to - 1000));
        return;
      case 'speed':
        speed.value = speedAfter(speed.value, command.steps);
        tape?.speed(speed.value);
        return;
      case 'mute':
        muted.value = !muted.value;
        tape?.mute(muted.value);
        return;
      case 'zoom':
        view.value = zoomed(view.value, command.factor, at.value, bounds);
        return;
      case 'whole':
        view.value = bounds;
        return;
      case 'cut':
        cutting.value = !cutting.value;
        range.value = cutting.value ? rangeAround(at.value, view.value, bounds) : undefined;
        return;
      case 'escape':
        cutting.value = false;
        range.value = undefined;
        return;
      case 'in':
      case 'out': {
        cutting.value = true;
        const { from, to } = range.value ?? rangeAround(at.value, view.value, bounds);
        range.value =
          command.does === 'in'
            ? { from: at.value, to: to > at.value ? to : at.value + 10_000 }
            : { from: from < at.value ? from : at.value - 10_000, to: at.value };
        return;
      }
      default:
        return;
    }
  }

  return {
    ...{ at, day, view, playing, waiting, shown, error, note, speed, muted, still, range, cutting, recorded },
    moveTo,
    jumpTo(time) {
      moveTo(time);
      view.value = centred(view.value, time, day.value);
    },
    mount(a, b) {
      tape = createTape({
        videos: [a, b],
        files,
        gaps: () => recorded.value?.gaps ?? [],
        told: {
          time(time) {
            setTime(time);
            if (!spanAt([view.value], time))
              view.value = panned(view.value, time - view.value.from, day.value);
          },
          playing: (plays) => {
            playing.value = plays;
          },
          waiting: (waits) => {
            waiting.value = waits;
          },
          shown: (what) => {
            shown.value = what;
            if (what === 'refused') wantStill(at.value, true);
            else {
              stills.forget();
              still.value = undefined;
            }
          },
          jumped,
          ended: () => {
            note.value = text.past.end;
          },
          failed: (failure) => {
            error.value = failure;
          },
        },
      });
      tape.mute(muted.value);
      rest();
      return () => {
        clearTimeout(timer);
        clearTimeout(noted);
        tape?.close();
        tape = undefined;
      };
    },
    obey,
  };
}

/** The view of another day: all of it where all of the one before was seen. */
function onDay(view: Span, before: Span, day: Span, time: number): Span {
  const whole = view.from === before.from && view.to === before.to;
  return whole ? day : centred(view, time, day);
}

function rangeAround(time: number, view: Span, day: Span): Span {
  const length = Math.min(Math.max((view.to - view.from) * CUT, 10_000), 10 * 60_000);
  const from = Math.max(day.from, Math.min(time, day.to - length));
  return { from: Math.round(from), to: Math.round(from + length) };
}

export const useDesk = (stream: string, files: Files, begin: number): Desk =>
  useMemo(() => createDesk(stream, files, begin), [stream, files]);
