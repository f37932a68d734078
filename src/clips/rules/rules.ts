/**
 * What a user says about a stream, in one form: durations are seconds, shares are 0..1, defaults are filled in. It is JSON,
 * and what the reader takes itself: reading it again gives the same.
 */
export interface Rules {
  readonly zones: Readonly<Record<string, Zone>>;
  readonly lines: Readonly<Record<string, Line>>;
  readonly rules: readonly Rule[];
}

/** A place as shares of the picture's width and height, from the left and the top. */
export type Point = readonly [x: number, y: number];
/** Corners of an area, in order; its sides do not cross. */
export type Zone = readonly Point[];
/** Left and right of it are as one sees them on the picture, looking from its first point to its second. */
export type Line = readonly [from: Point, to: Point];

export interface Rule {
  /** Unique, in any case of its letters. */
  readonly name: string;
  readonly when: Condition;
  /** When it counts: in any of these spans. Empty: always. */
  readonly schedule: readonly Span[];
  /** Seconds after the end of an event in which no other begins. */
  readonly cooldown: number;
  /** Seconds for which things may be out of sight, and the condition not hold, as if nothing had been. */
  readonly linger: number;
  /** Seconds of a clip before the event, and after it. */
  readonly pre_roll: number;
  readonly post_roll: number;
  /** Whether a clip is cut. */
  readonly clip: boolean;
  /** Left out where it is on. */
  readonly enabled?: false;
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** A part of the day, by the clock on the wall. One that ends before it begins goes on over midnight. */
export interface Span {
  /** On which it begins. */
  readonly days: readonly Day[];
  /** `HH:MM`, up to 24:00. */
  readonly from: string;
  readonly to: string;
  /** A name of the IANA's time zones. */
  readonly time_zone: string;
}

export type Condition = ObjectCondition | StuffCondition | AllCondition | AnyCondition | NotCondition;

interface Lasting {
  /** Seconds for which it must hold. */
  readonly for?: number;
}

/** An object is of one of the names, and all else that is said is true of it. It is where the middle of its lower edge is. */
export interface ObjectCondition extends Lasting {
  /** Names, any of them; `|` between the synonyms of one. */
  readonly object: readonly string[];
  /** Names of zones, any of them. */
  readonly in?: readonly string[];
  /** One of these at most: names of a zone, a zone, a line. */
  readonly enters?: string;
  readonly leaves?: string;
  readonly crosses?: string;
  /** To which side of the line. */
  readonly direction?: 'left' | 'right';
  /** Of the picture, 0..1. */
  readonly min_size?: number;
  readonly max_size?: number;
  /** 0..1 */
  readonly min_score?: number;
  /** A comparison, in heights of the picture a second. */
  readonly speed?: string;
  /** A comparison of how many there are; `for` is then about the number. */
  readonly count?: string;
}

/** So much of the picture, or of a zone, has one of the names. */
export interface StuffCondition extends Lasting {
  readonly stuff: readonly string[];
  readonly in?: string;
  /** A comparison, 0..1. */
  readonly share?: string;
  /** A comparison of how much more it becomes, 0..1 a second. */
  readonly change?: string;
}

export interface AllCondition extends Lasting {
  readonly all: readonly Condition[];
}

export interface AnyCondition extends Lasting {
  readonly any: readonly Condition[];
}

export interface NotCondition extends Lasting {
  readonly not: Condition;
}

/** What a rule has that does not say it. */
export const DEFAULTS = { cooldown: 0, linger: 1, pre_roll: 5, post_roll: 5, clip: true } as const;
