import type Hls from 'hls.js/light';

/** HLS in a `<video>` that comes back by itself: after the server, the camera or the browser have failed. */

/** Milliseconds between two tries, at first and at most. */
const [FIRST, LONGEST] = [1000, 10_000];
/** Milliseconds without a new picture after which it is begun anew. */
const STALLED = 12_000;
const LOOK = 1000;
/** Seconds behind the newest picture that is there beyond which one jumps to it. */
const FAR_BEHIND = 12;

/** Plays what is at `address`; gives what ends that. `told` hears whether pictures come. */
export function playHls(
  video: HTMLVideoElement,
  address: string,
  told: (plays: boolean) => void,
): () => void {
  let hls: Hls | undefined;
  let ended = false;
  let wait = FIRST;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let moved = performance.now();
  let last = -1;
  let round = 0;

  async function begin(): Promise<void> {
    close();
    moved = performance.now();
    const mineIs = ++round;
    const { default: Player } = await import('hls.js/light');
    if (ended || mineIs !== round) return;
    if (!Player.isSupported()) {
      // Browsers without Media Source Extensions play it themselves.
      video.src = address;
      play();
      return;
    }
    const mine = new Player({
      // A worker made of a string is what the page's policy refuses; remuxing costs little.
      enableWorker: false,
      lowLatencyMode: true,
      liveSyncDurationCount: 2,
      liveMaxLatencyDurationCount: 6,
      maxLiveSyncPlaybackRate: 1.1,
      backBufferLength: 10,
    });
    hls = mine;
    let mended = false;
    mine.on(Player.Events.ERROR, (_event, { fatal, type }) => {
      if (!fatal || hls !== mine) return;
      // A broken buffer is mended once; what breaks again needs another player.
      if (type === Player.ErrorTypes.MEDIA_ERROR && !mended) {
        mended = true;
        mine.recoverMediaError();
        play();
      } else again();
    });
    mine.on(Player.Events.MANIFEST_PARSED, play);
    mine.loadSource(address);
    mine.attachMedia(video);
  }

  /** Also the player's own code may not come while the server is away. */
  function start(): void {
    begin().catch(again);
  }

  function play(): void {
    // Browsers refuse what has sound and nobody has asked for: it is muted then.
    video.play().catch(() => {
      if (ended || video.muted) return;
      video.muted = true;
      void video.play().catch(() => undefined);
    });
  }

  function again(): void {
    close();
    told(false);
    clearTimeout(timer);
    if (ended) return;
    timer = setTimeout(start, wait);
    wait = Math.min(wait * 2, LONGEST);
  }

  function close(): void {
    const old = hls;
    hls = undefined;
    old?.destroy();
    if (!old && video.hasAttribute('src')) {
      video.removeAttribute('src');
      video.load();
    }
  }

  /** What neither the player nor the browser call an error: nothing moves. */
  const watch = setInterval(() => {
    if (ended) return;
    const now = performance.now();
    if (video.currentTime !== last) {
      last = video.currentTime;
      moved = now;
      wait = FIRST;
      told(video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA);
      catchUp();
    } else if (video.paused && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      // Somebody, or the browser, has paused it.
      moved = now;
    } else if (now - moved > STALLED && (hls || video.hasAttribute('src'))) again();
  }, LOOK);

  function catchUp(): void {
    const { buffered } = video;
    const newest = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
    if (newest - video.currentTime > FAR_BEHIND) video.currentTime = newest - 2;
  }

  const onError = () => {
    if (video.error && !hls) again();
  };
  video.addEventListener('error', onError);
  start();

  return () => {
    ended = true;
    clearTimeout(timer);
    clearInterval(watch);
    video.removeEventListener('error', onError);
    close();
    told(false);
  };
}
