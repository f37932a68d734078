import { useEffect, useState } from 'preact/hooks';
import { rangesOf } from '../../panoptic/ranges.ts';
import { openPanoptic, type Panoptic } from '../../panoptic/reader.ts';

export interface Opened {
  readonly panoptic?: Panoptic;
  readonly error?: unknown;
}

/** What each pixel of a job's video is; fetched in pieces. `there`: whether the job has it. */
export function usePanoptic(job: string, there: boolean): Opened {
  const [opened, setOpened] = useState<Opened>({});
  useEffect(() => {
    setOpened({});
    if (!there) return;
    let gone = false;
    openPanoptic(rangesOf(`/v1/jobs/${encodeURIComponent(job)}/panoptic`)).then(
      (panoptic) => !gone && setOpened({ panoptic }),
      (error) => !gone && setOpened({ error }),
    );
    return () => {
      gone = true;
    };
  }, [job, there]);
  return opened;
}
