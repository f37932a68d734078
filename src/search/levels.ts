/**
 * Shares of the picture in octaves. A thing that comes nearer is seen the whole time, and in stretches: each as long as its
 * share stays within a factor of two, so that a search for what is large does not find the time when it was small.
 */

/** The least share that is kept: four points of the lattice of a picture of 640×360. */
export const LEAST_SHARE = 0.00025;

/** Octaves above the least share, from 0; below 0 for what is not kept. */
export const levelOf = (share: number): number => Math.floor(Math.log2(share / LEAST_SHARE));

/** The least share of a level. */
export const shareOf = (level: number): number => LEAST_SHARE * 2 ** level;
