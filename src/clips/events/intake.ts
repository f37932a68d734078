import type { Logger } from 'pino';
import { asSidestreamError } from '../../core/errors.ts';
import { answered } from '../../queue/connection.ts';
import type { Notices } from '../../queue/notices.ts';
import type { StreamRecords } from '../../streams/records.ts';
import type { ClipService } from '../service.ts';
import type { EventRecords } from './records.ts';
import { type Report, reportSchema } from './report.ts';

/** What workers say of events comes in, and what has ended gets its clip. */

export interface IntakeDeps {
  readonly records: EventRecords;
  readonly streams: Pick<StreamRecords, 'get'>;
  readonly clips: Pick<ClipService, 'createFor'>;
  readonly notices: Notices;
  readonly log: Logger;
}

const AT_ONCE = 200;

/** Takes what workers have told. True where there may be more. */
export async function takeEvents(deps: IntakeDeps): Promise<boolean> {
  const notes = await answered(deps.notices.read('events', AT_ONCE));
  const values = notes.map((note) => {
    try {
      return JSON.parse(note);
    } catch {
      return undefined; // `takeReports` says so.
    }
  });
  await takeReports(values, deps);
  // Only now: what happens in between is done again, and changes nothing then.
  await answered(deps.notices.done('events', notes.length));
  return notes.length === AT_ONCE;
}

/** One that is no report does not hold up the others. */
export async function takeReports(values: readonly unknown[], deps: IntakeDeps): Promise<void> {
  const { records, log } = deps;
  const reports = values.flatMap((value) => {
    const read = reportSchema.safeParse(value);
    if (!read.success)
      log.error({ issue: read.error.issues[0] }, 'this is no report of an event: it is left out');
    return read.success ? [read.data] : [];
  });
  if (reports.length === 0) return;
  records.take(reports);
  for (const report of reports) if (report.event.type === 'close') await clipFor(report, deps);
}

async function clipFor(
  { stream, event: { id, rule, began, ended, seconds, best }, clip }: Report,
  { records, streams, clips, log }: IntakeDeps,
): Promise<void> {
  if (!clip || !streams.get(stream)?.description.record || records.get(id)?.clip !== undefined) return;
  const occasion = { event: id, rule, moment: best.seconds * 1000 };
  const [from, to] = [(began - clip.before) * 1000, ((ended ?? seconds) + clip.after) * 1000];
  try {
    const made = await clips.createFor(occasion, stream, from, Math.max(to, from + 1000));
    if (made) records.setClip(id, made.id);
  } catch (error) {
    const { code, message } = asSidestreamError(error);
    if (code === 'STORAGE_UNREACHABLE') throw error; // It is done again.
    log.warn({ stream, event: id, code }, `no clip of an event: ${message}`);
  }
}
