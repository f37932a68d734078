import type { EventMessage, EventView } from '../clips.ts';
import { compareReports, type Report } from './report.ts';

/** What is known of an event. It only moves forward: what comes late, or again, leaves it as it is. */
export interface EventState {
  /** The report that counts. */
  readonly report: Report;
  /** Of the newest holder that spoke of it. */
  readonly token: number;
  /**
   * Ended by the server. `at`: milliseconds since 1970; undefined: when it was last reported. What a worker says of its
   * end goes before that.
   */
  readonly shut: { readonly at: number | undefined; readonly why: string } | undefined;
  readonly clip: string | undefined;
}

/** With one more report; the same value where it tells nothing new. */
export function withReport(state: EventState | undefined, report: Report): EventState {
  if (!state) return { report, token: report.token, shut: undefined, clip: undefined };
  const newer = compareReports(report, state.report) > 0;
  if (!newer && report.token <= state.token) return state;
  return {
    ...state,
    report: newer ? report : state.report,
    token: Math.max(report.token, state.token),
  };
}

export const withEnd = (state: EventState, why: string, at?: number): EventState =>
  isOpen(state) ? { ...state, shut: { at, why } } : state;

export const isOpen = ({ report, shut }: EventState): boolean => report.event.type !== 'close' && !shut;

const milliseconds = (seconds: number): number => Math.round(seconds * 1000);

/** Milliseconds since 1970. `ended` is undefined while it is open. */
export function timesOf(state: EventState): { began: number; updated: number; ended: number | undefined } {
  const { event } = state.report;
  const began = milliseconds(event.began);
  const said = milliseconds(event.seconds);
  const at = event.type === 'close' ? milliseconds(event.ended ?? event.seconds) : (state.shut?.at ?? said);
  const ended = isOpen(state) ? undefined : Math.max(began, at);
  return { began, updated: event.type === 'close' ? said : Math.max(said, ended ?? said), ended };
}

export function viewOf(state: EventState): EventView {
  const { stream, event } = state.report;
  const { began, updated, ended } = timesOf(state);
  const iso = (time: number) => new Date(time).toISOString();
  return {
    id: event.id,
    stream,
    rule: event.rule,
    state: ended === undefined ? 'open' : 'closed',
    began_at: iso(began),
    ended_at: ended === undefined ? undefined : iso(ended),
    updated_at: iso(updated),
    names: event.names,
    tracks: event.tracks,
    best: {
      time: iso(milliseconds(event.best.seconds)),
      track: event.best.track,
      score: event.best.score,
      share: event.best.share,
      box: event.best.box,
    },
    clip: state.clip,
    why: event.type === 'close' ? event.why : state.shut?.why,
  };
}

/** What a change is called: each event is opened once at most, and closed once; all else is an update. */
export function messageOf(before: EventState | undefined, after: EventState): EventMessage['event'] {
  const open = isOpen(after);
  if (!before) return open ? 'event.opened' : 'event.closed';
  return isOpen(before) && !open ? 'event.closed' : 'event.updated';
}
