import { setFlagsFromString } from 'node:v8';

let told = false;

/**
 * Pictures lie outside of the heap, and V8 collects garbage whenever as much of them has come as the heap is large, which is
 * little: five times a second for one camera, half of what Node costs here. It is told to wait four times as long. Costs at
 * most some hundred megabytes.
 */
export function collectLessOften(): void {
  if (told) return;
  told = true;
  setFlagsFromString('--heap-growing-percent=400');
}
