import { useState } from 'preact/hooks';
import { api, asked } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Problem } from '../ui/parts.tsx';

/** What the page shows of a report; docs/jobs.md has all of it. */
interface Reported {
  readonly model: string;
  readonly provider: string;
  readonly frames: {
    readonly decoded: number;
    readonly analysed: number;
    readonly emitted: number;
    readonly dropped: readonly { readonly reason: string; readonly count: number }[];
  };
  readonly timing: Readonly<Record<string, number>>;
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly count: number }[];
}

/** What was done, frame by frame accounted for; fetched when it is opened. */
export function Report({ job }: { readonly job: string }) {
  const [report, setReport] = useState<Reported>();
  const [error, setError] = useState<unknown>();
  const t = text.player.report;
  async function open(): Promise<void> {
    if (report) return;
    try {
      const path = { id: job };
      setReport((await asked(api.GET('/v1/jobs/{id}/report', { params: { path } }))) as unknown as Reported);
    } catch (refused) {
      setError(refused);
    }
  }
  return (
    <details class="card" onToggle={({ currentTarget }) => currentTarget.open && open()}>
      <summary>{t.title}</summary>
      {error !== undefined && <Problem error={error} />}
      {report && (
        <div class="stack">
          <p>{t.frames(report.frames)}</p>
          {report.frames.dropped.map(({ reason, count }) => (
            <p key={reason}>{t.dropped(count, reason)}</p>
          ))}
          <p>{t.done(report.model, report.provider, report.timing.wall_s ?? 0)}</p>
          {report.warnings.map(({ code, message, count }) => (
            <p key={code}>{t.warning(message, count)}</p>
          ))}
        </div>
      )}
    </details>
  );
}
