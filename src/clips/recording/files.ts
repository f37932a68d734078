import { SidestreamError } from '../../core/errors.ts';
import type { ResultObject } from '../../jobs/jobs.ts';
import { resultObject } from '../../jobs/result-object.ts';
import type { Storage } from '../../storage/storage.ts';
import type { StreamRecords } from '../../streams/records.ts';
import type { RecordedFile, Recordings } from '../clips.ts';
import { timeOf } from '../request.ts';
import { isoOf, millisecondsOf, segmentKeys, ticksOf } from './card.ts';
import type { Holdings } from './holdings.ts';
import type { SegmentRow, Segments } from './segments.ts';

/** Recorded segments as files: which there are of a stretch of time, and one of them to be played. */

export interface FilesDeps {
  readonly streams: Pick<StreamRecords, 'get'>;
  readonly segments: Pick<Segments, 'last'>;
  readonly holdings: Pick<Holdings, 'parts'>;
  readonly storage: Pick<Storage, 'list' | 'stat' | 'open' | 'presign'>;
}

export function createRecordedFiles(deps: FilesDeps): Pick<Recordings, 'files' | 'file'> {
  const { streams, segments, holdings, storage } = deps;
  return {
    async files(stream, request) {
      if (!streams.get(stream) && !segments.last(stream))
        throw new SidestreamError('STREAM_NOT_FOUND', `there is no stream ${stream}`);
      const now = Date.now();
      const [from, to] = [timeOf(request.from, now), timeOf(request.to, now)];
      if (!(from < to)) throw new SidestreamError('USAGE', 'from: must be before to');
      const whole = wholeOf(holdings.parts(stream, ticksOf(from), ticksOf(to))).filter(
        (one) => one.from < ticksOf(to) && one.to > ticksOf(from),
      );
      const page = whole.slice(0, request.limit);
      const next = whole.at(request.limit);
      const sizes = await sizesOf(stream, page);
      return {
        files: page.flatMap(({ segment: { begin, token }, from, to }): RecordedFile[] => {
          const bytes = sizes.get(segmentKeys(stream, begin, token).video);
          // What was removed meanwhile is not there to be played.
          if (bytes === undefined) return [];
          const url = `/v1/streams/${stream}/recordings/${begin}-${token}.mp4`;
          return [{ from: isoOf(from), to: isoOf(to), begin: isoOf(begin), url, bytes }];
        }),
        // Rounded up, so that the one before it is not given again.
        next: next && new Date(Math.ceil(millisecondsOf(next.from))).toISOString(),
      };
    },

    async file(stream, name) {
      const [, begin, token] = /^(\d{1,17})-(\d{1,16})\.mp4$/.exec(name) ?? [];
      const found =
        begin === undefined
          ? undefined
          : await storage.stat(segmentKeys(stream, Number(begin), Number(token)).video);
      if (!found)
        throw new SidestreamError(
          'NOT_RECORDED',
          `stream ${stream} has no recording ${name}, or not any more`,
        );
      const time = isoOf(Number(begin)).replaceAll(/[-:]/g, '');
      return opened(resultObject(found, `${stream}-${time}.mp4`, storage), name);
    },
  };

  /** Bytes of the files by their keys: they lie together by the hour. */
  async function sizesOf(stream: string, files: readonly Whole[]): Promise<ReadonlyMap<string, number>> {
    const folders = new Set(
      files.map(({ segment: { begin, token } }) => {
        const { video } = segmentKeys(stream, begin, token);
        return video.slice(0, video.lastIndexOf('/') + 1);
      }),
    );
    const sizes = new Map<string, number>();
    for (const folder of folders) {
      for await (const { key, bytes } of storage.list(folder)) sizes.set(key, bytes);
    }
    return sizes;
  }
}

interface Whole {
  readonly segment: SegmentRow;
  readonly from: number;
  readonly to: number;
}

/** Each segment once, from the first to the last moment of it that counts. */
function wholeOf(parts: readonly Whole[]): Whole[] {
  const whole: Whole[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (last?.segment === part.segment) whole[whole.length - 1] = { ...last, to: part.to };
    else whole.push(part);
  }
  return whole;
}

/** Retention may take it between two looks: then it is not recorded any more. */
function opened(object: ResultObject, name: string): ResultObject {
  return {
    ...object,
    open: (range) =>
      object.open(range).catch((error) => {
        if (!(error instanceof SidestreamError) || error.code !== 'OBJECT_NOT_FOUND') throw error;
        throw new SidestreamError('NOT_RECORDED', `the recording ${name} was removed just now`, {
          cause: error,
        });
      }),
  };
}
