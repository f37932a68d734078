import { text } from '../text/en.ts';
import { Meter } from '../ui/parts.tsx';

/** How much of something is in use, as a bar with words. From `full` on, 0 to 1, it is too much. */
export function Amount({
  name,
  share,
  value,
  full = 1.1,
}: {
  readonly name: string;
  readonly share: number;
  readonly value: string;
  readonly full?: number;
}) {
  return (
    <div class={`amount${share >= full ? ' full' : ''}`}>
      <div class="row between small">
        <span>{name}</span>
        <span class="soft" title={text.units.percent(share)}>
          {value}
        </span>
      </div>
      <Meter share={share} label={name} />
    </div>
  );
}
