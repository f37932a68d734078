import { signal } from '@preact/signals';
import { X } from 'lucide-preact';
import { text } from '../text/en.ts';
import { IconButton } from './button.tsx';

interface Toast {
  readonly id: number;
  readonly message: string;
  readonly bad: boolean;
}

const toasts = signal<readonly Toast[]>([]);
let last = 0;
/** Milliseconds that good news stay; bad news stay until they are dismissed. */
const SHOWN = 5000;
/** More would cover the screen. */
const MOST = 4;

const dismiss = (id: number) => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
};

/** Says something in passing. */
export function say(message: string, bad = false): void {
  const id = ++last;
  const others = toasts.value.filter((toast) => toast.message !== message);
  toasts.value = [...others, { id, message, bad }].slice(-MOST);
  if (!bad) setTimeout(dismiss, SHOWN, id);
}

/** Runs what a person asked for, and says so where it fails. Gives whether it went well. */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
    if (done) say(done);
    return true;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true);
    return false;
  }
}

export function Toasts() {
  return (
    <div class="toasts" role="log" aria-live="polite" aria-label={text.common.dismiss}>
      {toasts.value.map(({ id, message, bad }) => (
        <div key={id} class={`toast${bad ? ' bad' : ''}`}>
          <span class="grow">{message}</span>
          <IconButton small label={text.common.dismiss} icon={X} onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
