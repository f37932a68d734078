import { api, asked, Failure } from '../api/client.ts';

/** What of a clip is made when it is first asked for. */
export type MadeOnDemand = 'overlay' | 'masks';

/** Milliseconds between two askings. */
const PAUSE = 1000;

/** Has it made, and waits for as long as that takes. Throws Failure. */
export async function make(id: string, what: MadeOnDemand, signal: AbortSignal): Promise<void> {
  // Its first byte is enough to know that it is there.
  const first = { headers: { range: 'bytes=0-0' }, parseAs: 'blob', signal } as const;
  const path = { id };
  for (;;) {
    try {
      if (what === 'masks') await asked(api.GET('/v1/clips/{id}/masks', { params: { path }, ...first }));
      else {
        const query = { overlay: '1' } as const;
        await asked(api.GET('/v1/clips/{id}/video', { params: { path, query }, ...first }));
      }
      return;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'CLIP_NOT_READY') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    signal.throwIfAborted();
  }
}
