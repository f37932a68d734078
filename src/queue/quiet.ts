/** Milliseconds. */
const WHILE = 10_000;

/** The same complaint once in a while at most: a Redis that is away makes many. */
export function onceInAWhile<T>(say: (about: T) => void): (about: T) => void {
  let next = 0;
  return (about) => {
    if (Date.now() < next) return;
    next = Date.now() + WHILE;
    say(about);
  };
}
