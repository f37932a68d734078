import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../src/core/errors.ts';

/** The folder of a worker for what it has at hand; whatever happens to the worker, it goes in the end. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
  /** A fresh folder for one piece of work, which goes with it. */
  folder(): Promise<{ readonly path: string } & AsyncDisposable>;
}

const NAME = /^sidestream-worker-(\d+)-/;
/** Milliseconds between signs of life, and without one after which a folder is nobody's. */
const [SIGN, LONG] = [15_000, 10 * 60_000];

/** Makes a folder below `parent`, and removes those of workers that are gone. */
export async function openScratch(parent: string): Promise<Scratch> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, `sidestream-worker-${process.pid}-`));
  const alive = join(path, '.alive');
  await writeFile(alive, '');
  await sweep(parent, path);
  const sign = setInterval(() => {
    const now = new Date();
    utimes(alive, now, now).catch(() => {}); // The next one will do.
    sweep(parent, path).catch(() => {}); // So will the next sweep.
  }, SIGN);
  sign.unref();
  return {
    path,
    async folder() {
      const own = await mkdtemp(join(path, 'work-'));
      return { path: own, [Symbol.asyncDispose]: () => rm(own, { recursive: true, force: true }) };
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sign);
      await rm(path, { recursive: true, force: true });
    },
  };
}

async function sweep(parent: string, own: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = Number(NAME.exec(name)?.[1]);
    const path = join(parent, name);
    if (!pid || path === own) continue;
    if (!(await inUse(path, pid))) await rm(path, { recursive: true, force: true });
  }
}

/** A process of that number runs here, and has given a sign of life of late (its number may be another's by now). */
async function inUse(path: string, pid: number): Promise<boolean> {
  // Whoever had our number before us is gone: a container's first process always has the same.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isErrno(error, 'EPERM')) return false;
  }
  // Its folder is there a moment before its first sign.
  const sign = await stat(join(path, '.alive')).catch(() => stat(path).catch(() => undefined));
  return sign !== undefined && Date.now() - sign.mtimeMs < LONG;
}
