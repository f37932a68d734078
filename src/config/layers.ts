/** A setting's value and who said so: `default`, `FILE:LINE`, the name of a variable or of an option. */
export interface Setting {
  readonly value: unknown;
  readonly source: string;
}

/** Settings by key, such as `http.port`. A later layer covers an earlier one. */
export type Layer = Map<string, Setting>;
