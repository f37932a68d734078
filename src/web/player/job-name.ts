import type { Job } from '../api/client.ts';

/** What a job is called: as its sender called it, else the last part of where its video came from. */
export function nameOf({ id, input, metadata }: Pick<Job, 'id' | 'input' | 'metadata'>): string {
  const given = metadata.name ?? metadata.filename;
  if (given) return given;
  if ('path' in input) return lastPart(input.path) || id;
  if ('url' in input) return lastPart(input.url.replace(/[?#].*$/s, '')) || input.url;
  return id;
}

function lastPart(path: string): string {
  const last = path.split(/[\\/]/).filter(Boolean).at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // Not an address that was written as one.
  }
}
