import type { Readable } from 'node:stream';

/** What is known of one object without reading it. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** When it was stored. */
  readonly modified: Date;
  /** Strong: another one for other bytes. Without quotes. */
  readonly etag: string;
  /** By the key's extension. */
  readonly contentType: string;
}

/** First and last byte, both inclusive, from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A local file lent to the caller, who must not write to it. Disposal gives it back; a second one does nothing. */
export interface BorrowedFile extends AsyncDisposable {
  readonly path: string;
}

/**
 * Where the files of jobs lie: objects by key, such as `jobs/7/result.mp4`. One contract for all kinds of storage.
 *
 * A key is words of letters, digits, `.`, `_` and `-`, parted by `/`, each beginning with a letter or digit; another
 * one throws USAGE in every method. No key may be both an object and the folder of others.
 *
 * Every method may throw STORAGE_UNREACHABLE, and those that store DISK_FULL. An aborted signal throws its reason.
 */
export interface Storage extends AsyncDisposable {
  readonly kind: 'fs' | 's3';

  /** Atomic: readers see the old object or the whole new one. Text is stored as UTF-8. */
  put(key: string, data: Uint8Array | string, signal?: AbortSignal): Promise<void>;

  /**
   * Stores the local file at `path`, as atomically. `move`: the file may be taken, and is gone afterwards.
   * Throws INPUT_NOT_FOUND, INPUT_UNREADABLE.
   */
  putFile(
    key: string,
    path: string,
    options: { readonly move?: boolean },
    signal?: AbortSignal,
  ): Promise<void>;

  /**
   * The object's bytes, or those of `range`. A range that ends behind the object ends with it, and one that begins
   * behind it is empty. Whoever does not read the stream to its end must destroy it. Throws OBJECT_NOT_FOUND.
   */
  open(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Readable>;

  /** The whole of a small object. Throws OBJECT_NOT_FOUND. */
  read(key: string, signal?: AbortSignal): Promise<Buffer>;

  stat(key: string): Promise<StoredObject | undefined>;

  /** The objects whose keys begin with `prefix` (all, where it is empty), in the order of their keys' bytes. */
  list(prefix: string): AsyncIterable<StoredObject>;

  /** No object by this key: no error. */
  remove(key: string): Promise<void>;

  /** Removes all objects below a prefix that ends with `/`. There is none: no error. */
  removeAll(prefix: string): Promise<void>;

  /**
   * A local file with the object's bytes: the object's own where it is a file, else a copy that is kept for those
   * who borrow it next. Throws OBJECT_NOT_FOUND, DISK_FULL.
   */
  borrow(key: string, signal?: AbortSignal): Promise<BorrowedFile>;

  /**
   * An address from which anyone may download the object for so many `seconds` (a week at most); the answer carries
   * the object's type and `disposition` as its Content-Disposition. Undefined where the storage has no addresses.
   */
  presign(
    key: string,
    options: { readonly seconds: number; readonly disposition: string },
  ): Promise<string | undefined>;

  /** Bytes that are free and that there are. Undefined where no limit is known. */
  space(): Promise<{ readonly free: number; readonly total: number } | undefined>;

  /**
   * Removes what writers that died have left behind and nobody has touched for `ageMs` milliseconds. Less than some
   * minutes may take from writers that live.
   */
  sweep(ageMs: number): Promise<void>;

  /** Throws STORAGE_UNREACHABLE, in one clear line, where the storage cannot be written to and read from. */
  check(signal?: AbortSignal): Promise<void>;
}
