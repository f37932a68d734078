import type { Config } from '../config/load.ts';
import { newJobId } from '../jobs/describe.ts';
import { type AskDeps, ask } from '../queue/asking.ts';
import { answered } from '../queue/connection.ts';
import type { CameraQuestion, Cameras, CameraView } from './cameras.ts';
import { type DescribeDeps, locate } from './describe.ts';

export interface CameraTestDeps extends AskDeps {
  readonly config: Config;
  /** Of addresses of cameras. */
  readonly guard: DescribeDeps['guard'];
}

/** Milliseconds in which a worker must have begun, and those that a look may take. */
const [BEGIN, MOST] = [8000, 25_000];

export function createCameraTests(deps: CameraTestDeps): Cameras {
  return {
    async test({ url, transport = 'tcp', track = 0 }, { id: submitter }, signal) {
      await answered(deps.queues.ping());
      const question: CameraQuestion = { url: await locate(url, deps), transport, track };
      const asking = {
        kind: 'cameras',
        key: newJobId(),
        question,
        submitter,
        begin: BEGIN,
        most: MOST,
      } as const;
      return JSON.parse(String(await ask(asking, deps, signal))) as CameraView;
    },
  };
}
