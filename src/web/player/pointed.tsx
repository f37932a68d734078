import type { ReadonlySignal } from '@preact/signals';
import { readableId } from '../../core/track-id.ts';
import type { PanopticTrack } from '../../panoptic/format.ts';
import type { Pointed as Segment } from '../../panoptic/look.ts';
import type { Panoptic } from '../../panoptic/reader.ts';
import { text } from '../text/en.ts';
import { lengthOf } from '../ui/time.ts';
import { colorOf } from './look.ts';

/** What is at the place that is pointed at: its name, its id, how sure that is, and since when it is there. */
export function Pointed({
  place,
  pointed,
  track,
  time,
  panoptic,
  crosshair,
}: {
  readonly place: ReadonlySignal<{ readonly x: number; readonly y: number } | undefined>;
  readonly pointed: ReadonlySignal<Segment | undefined>;
  readonly track: ReadonlySignal<PanopticTrack | undefined>;
  readonly time: ReadonlySignal<number>;
  readonly panoptic: Panoptic | undefined;
  readonly crosshair: ReadonlySignal<boolean>;
}) {
  const at = place.value;
  const segment = pointed.value;
  if (!at || !segment || !panoptic) return null;
  const { index } = panoptic;
  const name = index.names[segment.name];
  if (!name) return null;
  const { time_base, start } = index.video;
  const since = track.value && (track.value.first * time_base.num) / time_base.den - start;
  const color = colorOf(index, segment);
  const put = (element: HTMLElement | null) => {
    element?.style.setProperty('left', `${at.x * 100}%`);
    element?.style.setProperty('top', `${at.y * 100}%`);
  };
  return (
    <>
      {crosshair.value && <span class="crosshair" ref={put} />}
      <div
        class={`pointed${at.x > 0.6 ? ' left' : ''}${at.y > 0.7 ? ' above' : ''}`}
        ref={put}
        aria-live={crosshair.value ? 'polite' : 'off'}
        data-track={segment.track}
      >
        <strong>
          <i class="swatch" ref={(swatch) => swatch?.style.setProperty('--color', color ?? 'transparent')} />
          {name.other ? text.player.other(name.name) : name.name}
          {name.isthing && segment.identified && <span class="id"> {readableId(segment.track)}</span>}
        </strong>
        <span>{text.player.sure(segment.score)}</span>
        {since !== undefined && (
          <span>
            {text.player.since(lengthOf(Math.max(0, since), true), lengthOf(Math.max(0, time.value - since)))}
          </span>
        )}
      </div>
    </>
  );
}
