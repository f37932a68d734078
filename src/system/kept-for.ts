/** Asks once for all who ask within so many milliseconds; a failure is told to those who wait for it, and to nobody else. */
export function keptFor<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  let until = 0;
  return () => {
    if (kept && Date.now() < until) return kept;
    const asked = ask();
    [kept, until] = [asked, Number.POSITIVE_INFINITY];
    asked.then(
      () => {
        until = Date.now() + milliseconds;
      },
      () => {
        kept = undefined;
      },
    );
    return asked;
  };
}
