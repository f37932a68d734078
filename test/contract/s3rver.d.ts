declare module 's3rver' {
  import type { IncomingMessage, ServerResponse } from 'node:http';
  import type { Readable } from 'node:stream';

  interface Stored {
    key: string;
    size: number;
    lastModifiedDate: Date;
    metadata: Record<string, string | number>;
  }

  /** What a handler stores: the bytes are a stream, or all there. */
  interface Incoming {
    bucket: string;
    key: string;
    content: Readable | Buffer;
    metadata: Record<string, string>;
  }

  export interface Store {
    getResourcePath(bucket: string, key: string | undefined, resource: string): string;
    getMetadata(bucket: string, key: string): Promise<Record<string, string | number>>;
    listObjects(bucket: string, options: { prefix?: string }): Promise<{ objects: Stored[] }>;
    getObject(bucket: string, key: string, options?: { start?: number; end?: number }): Promise<unknown>;
    putObject(object: Incoming): Promise<{ size: number; md5: string }>;
    putPart(
      bucket: string,
      uploadId: string,
      part: string,
      content: Readable,
    ): Promise<{ size: number; md5: string }>;
    putBucket(bucket: string): Promise<unknown>;
  }

  export default class S3rver {
    constructor(options: { directory: string; silent: boolean; vhostBuckets: boolean });
    readonly store: Store;
    readonly logger: { close(): void; exceptions: { unhandle(): void } };
    on(event: 'error', listener: (error: Error) => void): this;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
}
