import { useEffect, useRef, useState } from 'preact/hooks';
import { nameOf } from '../player/job-name.ts';
import { onTold } from '../state/feed.ts';
import { text } from '../text/en.ts';

/** Says which job has ended last, for those who do not see the list. */
export function useEnds(): string {
  const [said, setSaid] = useState('');
  const open = useRef(new Set<string>());
  useEffect(
    () =>
      onTold('job', (job) => {
        if (job.state === 'queued' || job.state === 'running') open.current.add(job.id);
        // What had ended before is no news.
        else if (open.current.delete(job.id) && job.state !== 'cancelled')
          setSaid(text.jobs.ended[job.state](nameOf(job)));
      }),
    [],
  );
  return said;
}
