import { PassThrough, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** A file of an archive. `stream` has been opened, and is read or destroyed by the archive. */
export interface ArchivedFile {
  /** With its folders, `/` between. */
  readonly name: string;
  readonly modified: Date;
  readonly content: Buffer | { readonly stream: Readable; readonly bytes: number };
}

/**
 * A ZIP of files as they are, not compressed: one at a time, each asked for when the one before it has been taken, so that
 * what is in memory does not depend on how large they are. Larger than 4 GiB it is a ZIP64. An error of a file destroys
 * it, and whoever destroys it destroys the file that it is at and ends `files`.
 */
export function zipOf(files: AsyncIterable<ArchivedFile>): Readable {
  const zip = new ZipFile();
  const out = new PassThrough();
  zip.once('error', (error: Error) => out.destroy(error));
  zip.outputStream.pipe(out);
  fill(zip, files, out).catch((error) => out.destroy(error));
  return out;
}

async function fill(zip: ZipFile, files: AsyncIterable<ArchivedFile>, out: Readable): Promise<void> {
  for await (const { name, modified, content } of files) {
    const options = { mtime: modified, compress: false };
    if (!('stream' in content)) {
      zip.addBuffer(content, name, options);
      continue;
    }
    const { stream, bytes } = content;
    const end = () => stream.destroy();
    out.once('close', end);
    try {
      if (out.destroyed) {
        end();
        return;
      }
      zip.addReadStream(stream, name, { ...options, size: bytes });
      await finished(stream, { writable: false });
    } finally {
      out.off('close', end);
    }
  }
  zip.end();
}
