import type { Signal } from '@preact/signals';
import {
  Columns2,
  Crosshair,
  Keyboard,
  Layers,
  Maximize,
  Pause,
  Play,
  StepBack,
  StepForward,
  Volume2,
  VolumeX,
} from 'lucide-preact';
import type { Panoptic } from '../../panoptic/reader.ts';
import { text } from '../text/en.ts';
import { IconButton } from '../ui/button.tsx';
import { lengthOf } from '../ui/time.ts';
import { type Command, SPEEDS, speedAfter } from './keys.ts';
import { type ColorBy, colorBy, opacity, outline } from './look.ts';

export interface PlayerState {
  readonly time: Signal<number>;
  readonly duration: Signal<number>;
  readonly playing: Signal<boolean>;
  readonly speed: Signal<number>;
  readonly volume: Signal<number>;
  readonly muted: Signal<boolean>;
  readonly frame: Signal<number | undefined>;
  readonly overlaid: Signal<boolean>;
  readonly divider: Signal<number | undefined>;
}

export function Controls({
  state,
  panoptic,
  obey,
  seek,
  switchable,
}: {
  readonly state: PlayerState;
  readonly panoptic: Panoptic | undefined;
  readonly obey: (command: Command) => void;
  readonly seek: (seconds: number) => void;
  /** Whether names are drawn here, and can be switched. */
  readonly switchable: boolean;
}) {
  const { time, duration, playing, speed, muted, volume, frame, overlaid, divider } = state;
  const t = text.player;
  const length = Number.isFinite(duration.value) ? duration.value : 0;
  return (
    <div class="controls">
      <input
        class="seek"
        type="range"
        aria-label={t.seek}
        aria-valuetext={t.position(lengthOf(time.value), lengthOf(length))}
        min={0}
        max={length || 1}
        step={0.001}
        value={time.value}
        onInput={({ currentTarget }) => seek(Number(currentTarget.value))}
        ref={(range) => range?.style.setProperty('--done', `${(100 * time.value) / (length || 1)}%`)}
      />
      <div class="row">
        <IconButton
          label={playing.value ? t.pause : t.play}
          icon={playing.value ? Pause : Play}
          onClick={() => obey({ does: 'play' })}
        />
        <IconButton label={t.back} icon={StepBack} onClick={() => obey({ does: 'step', frames: -1 })} />
        <IconButton label={t.forth} icon={StepForward} onClick={() => obey({ does: 'step', frames: 1 })} />
        <span class="clock">
          {lengthOf(time.value, true)} <span class="soft">/ {lengthOf(length)}</span>
        </span>
        {frame.value !== undefined && <span class="soft small frame">{t.frame(frame.value)}</span>}
        <span class="grow" />
        <IconButton
          label={muted.value || volume.value === 0 ? t.unmute : t.mute}
          icon={muted.value || volume.value === 0 ? VolumeX : Volume2}
          onClick={() => obey({ does: 'mute' })}
        />
        <select
          class="input speed"
          aria-label={t.speed}
          value={String(speed.value)}
          onChange={({ currentTarget }) => {
            const steps = SPEEDS.indexOf(Number(currentTarget.value) as (typeof SPEEDS)[number]);
            const now = SPEEDS.indexOf(speedAfter(speed.value, 0) as (typeof SPEEDS)[number]);
            obey({ does: 'speed', steps: steps - now });
          }}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={String(one)}>
              {one}×
            </option>
          ))}
        </select>
        {switchable && (
          <>
            <IconButton
              label={t.overlay}
              icon={Layers}
              aria-pressed={overlaid.value}
              onClick={() => obey({ does: 'overlay' })}
            />
            <IconButton
              label={t.compare}
              icon={Columns2}
              aria-pressed={divider.value !== undefined}
              onClick={() => obey({ does: 'compare' })}
            />
          </>
        )}
        <IconButton label={t.inspect} icon={Crosshair} onClick={() => obey({ does: 'inspect' })} />
        <IconButton label={t.keys} icon={Keyboard} onClick={() => obey({ does: 'help' })} />
        <IconButton label={t.full} icon={Maximize} onClick={() => obey({ does: 'full' })} />
      </div>
      {switchable && panoptic && (
        <div class="row style">
          <label class="row">
            <span class="small soft">{t.opacity}</span>
            <input
              type="range"
              min={0}
              max={1}
              step={0.05}
              value={opacity.value ?? panoptic.index.style.opacity}
              onInput={({ currentTarget }) => {
                opacity.value = Number(currentTarget.value);
              }}
            />
          </label>
          <label class="row small">
            <input
              type="checkbox"
              checked={outline.value}
              onChange={({ currentTarget }) => {
                outline.value = currentTarget.checked;
              }}
            />
            {t.outline}
          </label>
          <label class="row small">
            <span class="soft">{t.colorBy}</span>
            <select
              class="input"
              value={colorBy.value}
              onChange={({ currentTarget }) => {
                colorBy.value = currentTarget.value as ColorBy;
              }}
            >
              <option value="name">{t.byName}</option>
              <option value="id">{t.byId}</option>
            </select>
          </label>
        </div>
      )}
    </div>
  );
}
