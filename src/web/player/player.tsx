import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { PanopticFrame } from '../../panoptic/format.ts';
import type { Pointed as Segment } from '../../panoptic/look.ts';
import type { Panoptic } from '../../panoptic/reader.ts';
import { text } from '../text/en.ts';
import { Notice } from '../ui/parts.tsx';
import { Compare } from './compare.tsx';
import { Controls } from './controls.tsx';
import { timeOfStep } from './frames.ts';
import { type Command, commandOf, speedAfter } from './keys.ts';
import { colorBy, colors, hidden, opacity, outline } from './look.ts';
import { Names } from './names.tsx';
import { createOverlay, type Overlay } from './overlay.ts';
import { Pointed } from './pointed.tsx';

export interface PlayerProps {
  readonly panoptic: Panoptic | undefined;
  /** Address of the video as it came, and of the one with names painted over it. */
  readonly source: string | undefined;
  readonly painted: string | undefined;
  /** Seconds to begin at. */
  readonly at: number;
  /** Told when one stops at a time. */
  readonly onRest: (seconds: number) => void;
  readonly onHelp: () => void;
}

/** Steps of the crosshair, as shares of the picture. */
const [STEP, FINE] = [0.02, 0.002];

/**
 * A video with its names drawn over it here, frame by frame. Where the browser cannot play the video as it came, the painted
 * one is shown: names can still be pointed at, and not be switched off.
 */
export function Player({ panoptic, source, painted, at, onRest, onHelp }: PlayerProps) {
  const stage = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<Overlay>();

  const refused = useSignal(source === undefined);
  const time = useSignal(at);
  const duration = useSignal(0);
  const playing = useSignal(false);
  const speed = useSignal(1);
  const volume = useSignal(1);
  const muted = useSignal(false);
  const waiting = useSignal(false);
  /** Number of the frame whose names are shown. */
  const frame = useSignal<number | undefined>(undefined);
  const overlaid = useSignal(true);
  /** Where the original ends and the overlay begins, 0 to 1; undefined: overlay everywhere. */
  const divider = useSignal<number | undefined>(undefined);
  /** The place that is pointed at, as shares of the picture. */
  const place = useSignal<{ readonly x: number; readonly y: number } | undefined>(undefined);
  const crosshair = useSignal(false);
  const pointed = useSignal<Segment | undefined>(undefined);
  const address = refused.value ? painted : source;
  const start = panoptic?.index.video.start ?? 0;

  const state = useMemo(
    () => ({ time, duration, playing, speed, volume, muted, frame, overlaid, divider }),
    [time, duration, playing, speed, volume, muted, frame, overlaid, divider],
  );

  function look(): void {
    pointed.value = place.value && overlay.current?.at(place.value.x, place.value.y);
    overlay.current?.point(pointed.value);
  }

  function put(names: PanopticFrame | undefined): void {
    overlay.current?.show(names);
    frame.value = names?.index;
  }

  /** Shows the names of what the browser shows now. */
  function show(seconds: number): void {
    time.value = seconds;
    if (!panoptic || !overlay.current) return;
    const known = panoptic.peek(seconds + start);
    put(known);
    if (!known) {
      panoptic.frameAt(seconds + start).then(
        (late) => {
          if (time.value !== seconds) return;
          put(late);
          look();
        },
        (error) => console.info(`names of second ${seconds.toFixed(2)} are missing: ${error.message}`),
      );
    }
    look();
  }
  const latest = useRef(show);
  latest.current = show;

  useEffect(() => {
    if (!canvas.current || !panoptic) return;
    overlay.current = createOverlay(canvas.current, panoptic.index);
    const { width, height } = panoptic.index.video;
    stage.current?.style.setProperty('--ratio', String(width / height));
    latest.current(video.current?.readyState ? video.current.currentTime : at);
    return () => {
      overlay.current = undefined;
    };
  }, [panoptic, at]);

  // Another address is another stream of frames.
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let next = 0;
    const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      latest.current(mediaTime);
      next = element.requestVideoFrameCallback(onFrame);
    };
    next = element.requestVideoFrameCallback(onFrame);
    return () => element.cancelVideoFrameCallback(next);
  }, [address]);

  useSignalEffect(() => {
    // Whatever of its look changes.
    [hidden.value, colors.value, opacity.value, outline.value, colorBy.value];
    overlay.current?.renew();
  });
  useSignalEffect(() => {
    const visible = overlaid.value && !refused.value;
    canvas.current?.style.setProperty('visibility', visible ? 'visible' : 'hidden');
    canvas.current?.style.setProperty('clip-path', `inset(0 0 0 ${(divider.value ?? 0) * 100}%)`);
  });

  const seek = (seconds: number) => {
    const element = video.current;
    if (element) element.currentTime = Math.max(0, Math.min(element.duration || seconds, seconds));
  };

  async function obey(command: Command): Promise<void> {
    const element = video.current;
    if (!element) return;
    switch (command.does) {
      case 'play':
        return void (element.paused ? element.play().catch(() => undefined) : element.pause());
      case 'seek':
        return seek(element.currentTime + command.by);
      case 'goto':
        return seek(command.share * (element.duration || 0));
      case 'step': {
        element.pause();
        if (!panoptic) return;
        const to = await timeOfStep(panoptic, time.value, command.frames);
        if (to !== undefined) element.currentTime = to;
        return;
      }
      case 'speed':
        element.playbackRate = speedAfter(element.playbackRate, command.steps);
        return;
      case 'volume':
        element.volume = Math.max(0, Math.min(1, element.volume + command.by));
        return;
      case 'mute':
        element.muted = !element.muted;
        return;
      case 'full':
        return await (document.fullscreenElement
          ? document.exitFullscreen()
          : stage.current?.parentElement?.requestFullscreen());
      case 'overlay':
        overlaid.value = !overlaid.value;
        return;
      case 'compare':
        divider.value = divider.value === undefined ? 0.5 : undefined;
        return;
      case 'inspect':
        crosshair.value = !crosshair.value;
        place.value = crosshair.value ? (place.value ?? { x: 0.5, y: 0.5 }) : undefined;
        return look();
      case 'help':
        return onHelp();
    }
  }

  function onKeyDown(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (target.closest('input:not([type=range]), select, textarea, .menu')) return;
    if (crosshair.value && moveCrosshair(event)) {
      event.preventDefault();
      return;
    }
    // Buttons have their own idea of these.
    if (target.closest('button, [role=slider], input') && [' ', 'Enter'].includes(event.key)) return;
    if (target.closest('input[type=range], [role=slider]') && /^(Arrow|Home|End)/.test(event.key)) return;
    const command = commandOf(event);
    if (!command) return;
    event.preventDefault();
    void obey(command);
  }

  function moveCrosshair({ key, shiftKey }: KeyboardEvent): boolean {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ...{ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] },
    };
    const move = moves[key];
    if (key === 'Escape') void obey({ does: 'inspect' });
    else if (!move) return false;
    else {
      const step = shiftKey ? FINE : STEP;
      const { x, y } = place.value ?? { x: 0.5, y: 0.5 };
      const within = (value: number) => Math.max(0, Math.min(0.99999, value));
      place.value = { x: within(x + move[0] * step), y: within(y + move[1] * step) };
      look();
    }
    return true;
  }

  function onPointerMove({ clientX, clientY }: PointerEvent): void {
    const box = video.current?.getBoundingClientRect();
    if (!box) return;
    const [x, y] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    const inside = x >= 0 && x < 1 && y >= 0 && y < 1;
    crosshair.value = false;
    place.value = inside ? { x, y } : undefined;
    look();
  }

  function leave(): void {
    if (crosshair.value) return;
    place.value = undefined;
    look();
  }

  function onError(): void {
    // What cannot be played as it came is shown as it was painted.
    if (!refused.value && painted !== undefined) refused.value = true;
  }

  const track = useComputed(() => pointed.value && panoptic?.trackOf(pointed.value));
  if (address === undefined) return <Notice tone="warn">{text.player.noVideo}</Notice>;
  return (
    <section class="player" aria-label={text.player.label} onKeyDown={onKeyDown}>
      <div
        class="stage"
        ref={stage}
        tabIndex={0}
        role="group"
        aria-label={text.player.stage}
        onPointerMove={onPointerMove}
        onPointerLeave={leave}
      >
        <video
          ref={video}
          key={address}
          src={address}
          playsInline
          preload="auto"
          onClick={() => obey({ does: 'play' })}
          onDblClick={() => obey({ does: 'full' })}
          onLoadedMetadata={({ currentTarget }) => {
            duration.value = currentTarget.duration;
            if (!panoptic) {
              const ratio = currentTarget.videoWidth / currentTarget.videoHeight;
              stage.current?.style.setProperty('--ratio', String(ratio || 16 / 9));
            }
            currentTarget.currentTime = time.value;
            currentTarget.playbackRate = speed.value;
          }}
          onDurationChange={({ currentTarget }) => {
            duration.value = currentTarget.duration;
          }}
          onPlay={() => {
            playing.value = true;
          }}
          onPause={({ currentTarget }) => {
            playing.value = false;
            onRest(currentTarget.currentTime);
          }}
          onSeeked={({ currentTarget }) => currentTarget.paused && onRest(currentTarget.currentTime)}
          onRateChange={({ currentTarget }) => {
            speed.value = currentTarget.playbackRate;
          }}
          onVolumeChange={({ currentTarget }) => {
            volume.value = currentTarget.volume;
            muted.value = currentTarget.muted;
          }}
          onWaiting={() => {
            waiting.value = true;
          }}
          onPlaying={() => {
            waiting.value = false;
          }}
          onCanPlay={() => {
            waiting.value = false;
          }}
          onError={onError}
        />
        <canvas ref={canvas} class="names" />
        <Compare divider={divider} />
        {waiting.value && <span class="spinner" />}
        <Pointed
          place={place}
          pointed={pointed}
          track={track}
          time={time}
          panoptic={panoptic}
          crosshair={crosshair}
        />
      </div>
      <Controls state={state} panoptic={panoptic} obey={obey} seek={seek} switchable={!refused.value} />
      {refused.value && source !== undefined && <Notice tone="warn">{text.player.refused}</Notice>}
      {panoptic && (
        <Names panoptic={panoptic} time={time} duration={duration} seek={seek} switchable={!refused.value} />
      )}
    </section>
  );
}
