/** Waiting for what a video element does. */

/** Milliseconds that a frame is waited for when one is there. */
const PATIENCE = 1000;

/** The second of the frame that is seen when one has gone to `second`; undefined: it is not told. */
export async function frameAt(video: HTMLVideoElement, second: number): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    const handle = video.requestVideoFrameCallback((_now, { mediaTime }) => end(mediaTime));
    let timer = 0;
    const onSeeked = () => {
      timer = window.setTimeout(end, PATIENCE);
    };
    const onError = () => {
      reject(video.error);
      end();
    };
    const end = (mediaTime?: number) => {
      video.cancelVideoFrameCallback(handle);
      video.removeEventListener('seeked', onSeeked);
      video.removeEventListener('error', onError);
      clearTimeout(timer);
      resolve(mediaTime);
    };
    video.addEventListener('seeked', onSeeked, { once: true });
    video.addEventListener('error', onError, { once: true });
    video.currentTime = second;
  });
}

/** Rejects with the element's MediaError where that comes first, and with the signal's reason where that is aborted. */
export function once(video: HTMLVideoElement, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      video.removeEventListener(event, onEvent);
      video.removeEventListener('error', onError);
      signal.removeEventListener('abort', onAbort);
    };
    const onEvent = () => {
      end();
      resolve();
    };
    const onError = () => {
      end();
      reject(video.error);
    };
    const onAbort = () => {
      end();
      reject(signal.reason);
    };
    video.addEventListener(event, onEvent);
    video.addEventListener('error', onError);
    signal.addEventListener('abort', onAbort);
  });
}
