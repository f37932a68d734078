import { type Files, type RecordedFile, secondOf, timeOfSecond } from './files.ts';
import type { Gap } from './recorded.ts';
import { spanAt } from './recorded.ts';
import { frameAt, once } from './video-waits.ts';

/**
 * Plays a recording: segment after segment, by two video elements of which one is seen while the other loads what is next.
 * Times are milliseconds since 1970.
 */
export interface Tape {
  /** Shows the picture of a time, and plays on from there if it plays. */
  seek(time: number): Promise<void>;
  play(): Promise<void>;
  pause(): void;
  /** One frame forth (1) or back (-1). */
  step(direction: 1 | -1): Promise<void>;
  speed(rate: number): void;
  mute(muted: boolean): void;
  close(): void;
}

export interface TapeDeps {
  readonly videos: readonly [HTMLVideoElement, HTMLVideoElement];
  readonly files: Files;
  /** What is known of gaps, in order. */
  readonly gaps: () => readonly Gap[];
  readonly told: {
    /** The time that is seen now. */
    readonly time: (time: number) => void;
    readonly playing: (plays: boolean) => void;
    /** Whether one waits for pictures. */
    readonly waiting: (waits: boolean) => void;
    /** `video`: a picture is seen; `none`: nothing is recorded there; `refused`: the browser cannot play it. */
    readonly shown: (what: 'video' | 'none' | 'refused') => void;
    /** Was jumped over. */
    readonly jumped: (gap: { readonly from: number; readonly to: number; readonly reason?: string }) => void;
    /** There is nothing more yet. */
    readonly ended: () => void;
    readonly failed: (error: unknown) => void;
  };
}

/** Less than that between two segments is not spoken of. */
const LEAST_GAP = 500;
/** Milliseconds between two looks at whether there is more at the end. */
const LOOK = 1500;
/** Seconds of a step in which the next frame is looked for, and how far at most. */
const [FINE, FAR] = [1 / 120, 2];

interface Deck {
  readonly video: HTMLVideoElement;
  file: RecordedFile | undefined;
}

export function createTape({ videos, files, gaps, told }: TapeDeps): Tape {
  const decks: readonly [Deck, Deck] = [
    { video: videos[0], file: undefined },
    { video: videos[1], file: undefined },
  ];
  let front = 0;
  let playing = false;
  let rate = 1;
  let muted = false;
  /** Grows with whatever is asked for: what was asked for before is dropped. */
  let turn = 0;
  /** The turn in which one goes somewhere; what is asked for then begins when one is there. */
  let going = -1;
  let [frame, timer] = [0, 0];
  /** How far away the next frame was last time, in steps. */
  let stride = 2;
  const closed = new AbortController();

  const seen = () => decks[front as 0 | 1];
  const hidden = () => decks[(1 - front) as 0 | 1];

  /** Loads a file into a deck and goes to a second of it. False where that was not wanted any more. */
  async function cue(deck: Deck, file: RecordedFile, second: number, mine: number): Promise<boolean> {
    const { video } = deck;
    if (deck.file?.url !== file.url || video.error) {
      deck.file = file;
      video.src = file.url;
      await once(video, 'loadedmetadata', closed.signal);
    }
    if (mine !== turn || deck.file !== file) return false;
    video.playbackRate = rate;
    const last = Number.isFinite(video.duration) ? Math.max(0, video.duration - 0.001) : second;
    const to = Math.min(second, last);
    if (video.readyState < 2 || Math.abs(video.currentTime - to) > 0.0005) {
      video.currentTime = to;
      await once(video, 'seeked', closed.signal);
    }
    return mine === turn;
  }

  function bringForth(deck: Deck): void {
    if (deck !== seen()) {
      seen().video.pause();
      seen().video.classList.remove('front');
      front = 1 - front;
    }
    deck.video.classList.add('front');
    deck.video.muted = muted;
  }

  async function seek(time: number): Promise<void> {
    const mine = ++turn;
    going = mine;
    stopLooking();
    if (!playing) for (const { video } of decks) video.pause();
    told.waiting(true);
    try {
      const file = await files.at(time);
      if (mine !== turn) return;
      if (!file) return told.shown('none');
      const deck = seen().file?.url === file.url ? seen() : hidden();
      if (!(await cue(deck, file, secondOf(file, Math.min(time, file.to - 1)), mine))) return;
      bringForth(deck);
      told.shown('video');
      going = -1;
      if (playing) await run(mine);
      else void prepare(mine);
    } catch (error) {
      if (mine === turn) fail(error);
    } finally {
      if (mine === turn) {
        going = -1;
        told.waiting(false);
      }
    }
  }

  function fail(error: unknown): void {
    if (closed.signal.aborted) return;
    stop();
    if (error instanceof MediaError) void explain(turn);
    else told.failed(error);
  }

  /** A video element says the same of a file that it cannot play and of one that does not come. */
  async function explain(mine: number): Promise<void> {
    const broken = decks.find(({ video }) => video.error)?.file;
    const why = broken && (await files.fault(broken));
    if (mine !== turn) return;
    if (why === undefined) told.shown('refused');
    else told.failed(why);
  }

  function stop(): void {
    stopLooking();
    for (const { video } of decks) video.pause();
    if (!playing) return;
    playing = false;
    told.playing(false);
  }

  /** Loads what is next into the deck that is not seen. */
  async function prepare(mine: number): Promise<RecordedFile | undefined> {
    const { file } = seen();
    if (!file) return undefined;
    const next = await files.after(file).catch(() => undefined); // It is asked for again when it is needed.
    if (!next || mine !== turn) return undefined;
    await cue(hidden(), next, secondOf(next, next.from), mine).catch(() => undefined);
    return next;
  }

  async function run(mine: number): Promise<void> {
    const { video } = seen();
    video.playbackRate = rate;
    await video.play().catch((error) => {
      // Somebody paused it meanwhile: that is no failure.
      if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
    });
    if (mine !== turn) return;
    const coming = prepare(mine);
    look(mine, coming);
  }

  function look(mine: number, coming: Promise<RecordedFile | undefined>): void {
    stopLooking();
    frame = requestAnimationFrame(() => {
      if (mine !== turn || !playing) return;
      const { video, file } = seen();
      if (!file) return;
      const time = timeOfSecond(file, video.currentTime);
      const gap = spanAt(gaps(), time);
      if (video.ended || time >= file.to - 4) void goOn(file, mine, coming).catch(fail);
      else if (gap && gap.to - time > LEAST_GAP && gap.to < file.to && gap.from > file.from) {
        // The camera was silent, and went on in the same segment.
        told.jumped(gap);
        void seek(gap.to);
      } else {
        told.time(time);
        if (video.error) fail(video.error);
        else look(mine, coming);
      }
    });
  }

  const stopLooking = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };

  /** The next segment, as soon as there is one. */
  async function goOn(
    file: RecordedFile,
    mine: number,
    coming: Promise<RecordedFile | undefined>,
  ): Promise<void> {
    const next = (await coming) ?? (await files.after(file));
    if (mine !== turn || !playing) return;
    if (!next) {
      told.ended();
      told.waiting(true);
      timer = window.setTimeout(() => void goOn(file, mine, Promise.resolve(undefined)).catch(fail), LOOK);
      return;
    }
    if (!(await cue(hidden(), next, secondOf(next, next.from), mine))) return;
    bringForth(hidden());
    told.waiting(false);
    if (next.from - file.to > LEAST_GAP) {
      const why = spanAt(gaps(), (file.to + next.from) / 2)?.reason;
      told.jumped({ from: file.to, to: next.from, ...(why ? { reason: why } : {}) });
    }
    told.time(next.from);
    await run(mine);
  }

  async function step(direction: 1 | -1): Promise<void> {
    stop();
    const { video, file } = seen();
    if (!file || video.readyState < 2) return;
    const mine = ++turn;
    try {
      const { currentTime } = video;
      // Going to where one is already tells nothing.
      const begun = (await frameAt(video, currentTime + 0.0001)) ?? currentTime;
      let moved: number | undefined;
      for (let i = Math.max(1, stride - 1); mine === turn && i * FINE < FAR; i++) {
        const second = begun + direction * (direction > 0 ? i * FINE : 0.0005) + 0.0002;
        if (second < secondOf(file, file.from) - 0.001 || timeOfSecond(file, second) >= file.to) break;
        const found = await frameAt(video, second);
        if (direction > 0 && (found === undefined || found <= begun + 0.0001)) continue;
        if (direction > 0) stride = i;
        moved = found ?? second;
        break;
      }
      if (mine !== turn) return;
      if (moved !== undefined) told.time(timeOfSecond(file, moved));
      else await overEdge(file, direction, mine);
    } catch (error) {
      if (mine === turn) fail(error);
    }
  }

  /** From one segment to the one beside it. */
  async function overEdge(file: RecordedFile, direction: 1 | -1, mine: number): Promise<void> {
    const next = direction > 0 ? await files.after(file) : await files.at(file.from - 1);
    if (!next || mine !== turn) return;
    const time = direction > 0 ? next.from : next.to - 1;
    if (!(await cue(hidden(), next, secondOf(next, time), mine))) return;
    bringForth(hidden());
    const { currentTime } = seen().video;
    told.time(timeOfSecond(next, currentTime));
  }

  return {
    seek,
    async play() {
      if (playing) return;
      playing = true;
      told.playing(true);
      if (going === turn) return;
      const { file, video } = seen();
      if (file && !video.ended && video.classList.contains('front')) {
        const mine = ++turn;
        await run(mine).catch(fail);
      }
    },
    pause() {
      turn++;
      stop();
      told.waiting(false);
    },
    step,
    speed(now) {
      rate = now;
      for (const { video } of decks) video.playbackRate = now;
    },
    mute(now) {
      muted = now;
      for (const { video } of decks) video.muted = now;
    },
    close() {
      turn++;
      closed.abort();
      stopLooking();
      for (const deck of decks) {
        deck.file = undefined;
        deck.video.pause();
        deck.video.removeAttribute('src');
        deck.video.load();
      }
    },
  };
}
