import {
  ChevronFirst,
  ChevronLast,
  Keyboard,
  Maximize,
  Pause,
  Play,
  Scissors,
  StepBack,
  StepForward,
  Volume2,
  VolumeX,
} from 'lucide-preact';
import { SPEEDS } from '../player/keys.ts';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { dayOf } from '../ui/time.ts';
import { clockAt } from './days.ts';
import type { Command } from './keys.ts';
import type { Desk } from './use-desk.ts';

const t = text.past;

export function DeskControls({
  desk,
  obey,
  mayCut,
}: {
  readonly desk: Desk;
  readonly obey: (command: Command) => void;
  readonly mayCut: boolean;
}) {
  const { playing, muted, speed, cutting } = desk;
  return (
    <div class="desk-controls">
      <Now desk={desk} />
      <div class="row transport">
        <IconButton
          label={t.earlier}
          icon={ChevronFirst}
          onClick={() => obey({ does: 'mark', direction: -1 })}
        />
        <IconButton label={t.back} icon={StepBack} onClick={() => obey({ does: 'step', direction: -1 })} />
        <IconButton
          label={playing.value ? t.pause : t.play}
          icon={playing.value ? Pause : Play}
          kind="primary"
          onClick={() => obey({ does: 'play' })}
        />
        <IconButton label={t.forth} icon={StepForward} onClick={() => obey({ does: 'step', direction: 1 })} />
        <IconButton label={t.later} icon={ChevronLast} onClick={() => obey({ does: 'mark', direction: 1 })} />
      </div>
      <div class="row more">
        <select
          class="input speed"
          aria-label={t.speed}
          value={speed.value}
          onChange={({ currentTarget }) => {
            const steps =
              SPEEDS.indexOf(Number(currentTarget.value) as (typeof SPEEDS)[number]) -
              SPEEDS.indexOf(speed.value as (typeof SPEEDS)[number]);
            obey({ does: 'speed', steps });
          }}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={one}>
              {one}×
            </option>
          ))}
        </select>
        <IconButton
          label={muted.value ? t.unmute : t.mute}
          icon={muted.value ? VolumeX : Volume2}
          onClick={() => obey({ does: 'mute' })}
        />
        <IconButton label={t.full} icon={Maximize} onClick={() => obey({ does: 'full' })} />
        <IconButton label={t.keys} icon={Keyboard} onClick={() => obey({ does: 'help' })} />
        {mayCut && (
          <Button
            icon={Scissors}
            title={t.cut.openHint}
            aria-pressed={cutting.value}
            onClick={() => obey({ does: 'cut' })}
          >
            {t.cut.open}
          </Button>
        )}
      </div>
    </div>
  );
}

/** The time, legible while one scrubs. */
function Now({ desk }: { readonly desk: Desk }) {
  const time = desk.at.value;
  return (
    <p class="now">
      <time dateTime={new Date(time).toISOString()}>{clockAt(time, 1)}</time>
      <span class="soft small">{dayOf(time)}</span>
    </p>
  );
}
