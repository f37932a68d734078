/** What a command may use of the world. */
export interface Io {
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** A line of the result, to standard output. */
  readonly print: (line: string) => void;
  /** Sets how long this command may take to stop once it is asked to, in milliseconds. */
  readonly takeTime: (milliseconds: number) => void;
  /** A line about the work, to standard error. */
  readonly say: (line: string) => void;
}
