import { createTurns } from './turns.ts';

/** Pictures of cameras one by one: an `img` that goes on for ever would keep a connection for itself. */

/**
 * Browsers allow six connections to a host. What the page is told has one, and what is clicked needs others: pictures have
 * these, all cameras together.
 */
const turns = createTurns(3);
/** Milliseconds from one picture to the next, and at most after one that did not come. */
const [EVERY, LONGEST] = [1000, 15_000];

/** Draws the newest picture again and again, until `signal` ends that. `told` hears whether it comes. */
export async function keepDrawing(
  id: string,
  canvas: HTMLCanvasElement,
  told: (comes: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let wait = EVERY;
  while (!signal.aborted) {
    const done = await turns.take(signal);
    if (!done) return;
    const begun = performance.now();
    try {
      const picture = await load(snapshotOf(id), signal);
      if (!signal.aborted) draw(picture, canvas);
      wait = EVERY;
    } catch {
      wait = Math.min(wait * 2, LONGEST);
    } finally {
      done();
    }
    if (signal.aborted) return;
    told(wait === EVERY);
    await pause(Math.max(0, wait - (performance.now() - begun)), signal);
  }
}

/** The newest picture alone. Rejects where it does not come. */
export async function drawOnce(id: string, canvas: HTMLCanvasElement, signal: AbortSignal): Promise<void> {
  const picture = await load(snapshotOf(id), signal);
  if (!signal.aborted) draw(picture, canvas);
}

/** Never the same address twice: browsers would show what they have. */
const snapshotOf = (id: string): string =>
  `/v1/streams/${encodeURIComponent(id)}/snapshot.jpg?t=${Math.round(performance.timeOrigin + performance.now())}`;

async function load(address: string, signal: AbortSignal): Promise<HTMLImageElement> {
  const image = new Image();
  const leave = () => {
    image.src = '';
  };
  signal.addEventListener('abort', leave, { once: true });
  image.src = address;
  try {
    await image.decode();
    return image;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function draw(picture: HTMLImageElement, canvas: HTMLCanvasElement): void {
  const { naturalWidth: width, naturalHeight: height } = picture;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext('2d')?.drawImage(picture, 0, 0);
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
