import { SidestreamError } from '../core/errors.ts';
import type { Storage } from '../storage/storage.ts';
import type { Records } from './records.ts';

/** Whether there is room for more. */
export interface Room {
  /** Throws DISK_FULL, QUOTA_EXCEEDED where `bytes` more of this submitter cannot be taken. */
  check(bytes: number, submitter: string): Promise<void>;
}

export function createRoom(
  { storage, records }: { readonly storage: Storage; readonly records: Records },
  { reserve, quota }: { readonly reserve: number; readonly quota: number },
): Room {
  return {
    async check(bytes, submitter) {
      const space = await storage.space();
      if (space && space.free - bytes < reserve) {
        const free = `${Math.floor(space.free / 1e6)} MB`;
        throw new SidestreamError(
          'DISK_FULL',
          `the disk of the storage has ${free} left: free some, or try later`,
        );
      }
      const used = quota > 0 ? records.bytes(submitter) : 0;
      if (quota > 0 && used + bytes > quota) {
        const message = `${Math.ceil(used / 1e6)} of ${Math.floor(quota / 1e6)} MB are used: delete jobs, or wait`;
        throw new SidestreamError('QUOTA_EXCEEDED', message);
      }
    },
  };
}
