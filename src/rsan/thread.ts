import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Starts a file of the program as a thread, built or from its sources. */
export function startThread(file: URL, workerData?: WorkerOptions['workerData']): Worker {
  if (!file.pathname.endsWith('.ts')) return new Worker(file, { workerData });
  // In Node 20 a worker's entry is not seen by the loaders that its `--import` brings: tests load it from inside.
  const through = `import('tsx/esm/api').then(({ register }) => { register(); return import('${file}'); });`;
  return new Worker(through, { eval: true, workerData });
}
