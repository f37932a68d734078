import { hotaScores } from './hota.ts';
import { idSwitches } from './id-switches.ts';
import { identityScores, idsOf } from './identity.ts';
import type { Sighting } from './sightings.ts';

/** How well things are told apart and followed. Figures are parts, 0 to 1; all are NaN where neither side has objects. */
export interface ObjectScores {
  /** Objects of the truth that count in some frame. */
  readonly count: number;
  /** Tracks of the masks that count in some frame. */
  readonly tracks: number;
  /** Objects of the truth, each once for every frame in which it counts; and as a time, NaN without a frame rate. */
  readonly objectFrames: number;
  readonly objectSeconds: number;
  /** See `idSwitches`; and for each object-second. */
  readonly idSwitches: number;
  readonly idSwitchesPerObjectSecond: number;
  /** See `identityScores`. */
  readonly idf1: number;
  readonly idp: number;
  readonly idr: number;
  /** See `hotaScores`. */
  readonly hota: number;
  readonly deta: number;
  readonly assa: number;
}

/** The figures over all frames. `frameRate`: frames per second. */
export function objectScores(sightings: readonly Sighting[], frameRate: number | undefined): ObjectScores {
  const [count, tracks] = idsOf(sightings);
  const objectFrames = sightings.reduce((sum, { truths }) => sum + truths.length, 0);
  const objectSeconds = objectFrames / (frameRate ?? Number.NaN);
  const switches = idSwitches(sightings);
  const none = count + tracks === 0;
  const known = (value: number) => (none ? Number.NaN : value);
  return {
    count: known(count),
    tracks: known(tracks),
    objectFrames: known(objectFrames),
    objectSeconds: known(objectSeconds),
    idSwitches: known(switches),
    idSwitchesPerObjectSecond: switches / objectSeconds,
    ...identityScores(sightings),
    ...hotaScores(sightings),
  };
}
