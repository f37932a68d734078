import type { Storage, StoredObject } from '../storage/storage.ts';
import type { ResultObject } from './jobs.ts';

const PRESIGNED_SECONDS = 3600;

/** Something in the storage, to be downloaded under a name. */
export function resultObject(
  { key, bytes, contentType, etag, modified }: StoredObject,
  fileName: string,
  storage: Pick<Storage, 'open' | 'presign'>,
): ResultObject {
  return {
    bytes,
    type: contentType,
    etag,
    modified,
    fileName,
    open: (range) => storage.open(key, range),
    presign: () =>
      storage.presign(key, {
        seconds: PRESIGNED_SECONDS,
        disposition: `attachment; filename="${fileName.replace(/[^\w.-]/g, '_')}"`,
      }),
  };
}
