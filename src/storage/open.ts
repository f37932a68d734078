import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import { SidestreamError } from '../core/errors.ts';
import { openFilesystem } from './filesystem.ts';
import type { Storage } from './storage.ts';

/** The storage that the settings name. `scratch`: folder for what of it is kept at hand. */
export async function openStorage(config: Config, scratch: string): Promise<Storage> {
  if (config.storage.kind === 'fs') return await openFilesystem({ root: foldersOf(config).storage });
  const { endpoint, region, bucket, prefix, access_key, secret_key, path_style, cache_bytes } = config.s3;
  if (bucket === null) throw new SidestreamError('CONFIG', 's3.bucket is needed where storage.kind is s3');
  // The SDK takes its time to load.
  const { openS3 } = await import('./s3.ts');
  return await openS3({
    region,
    bucket,
    prefix,
    pathStyle: path_style,
    scratch,
    cacheBytes: cache_bytes,
    ...(endpoint === null ? {} : { endpoint }),
    ...(access_key === null || secret_key === null
      ? {}
      : { accessKeyId: access_key, secretAccessKey: secret_key }),
  });
}
