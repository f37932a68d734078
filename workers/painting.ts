import { nameKey } from '../src/core/vocabulary.ts';
import type { JobDescription } from '../src/jobs/description.ts';

/** How pictures are painted and coded, as a job or a stream describes it. */
export function paintingOf({
  encoder: { encoder, crf, preset },
  style: { opacity, outline, labels, color_by, colors },
  paint_side,
}: Pick<JobDescription['output'], 'encoder' | 'style' | 'paint_side'>) {
  const asked = Object.entries(colors).map(
    ([name, colour]) => [nameKey(name), Number.parseInt(colour.slice(1), 16)] as const,
  );
  return {
    encoder: { encoder: encoder ?? undefined, crf, preset },
    style: {
      opacity,
      outline,
      labels,
      colourBy: color_by,
      ...(asked.length > 0 ? { colours: new Map(asked) } : {}),
    },
    paintSide: paint_side,
  } as const;
}
