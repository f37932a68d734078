import { useEffect, useState } from 'preact/hooks';
import { api, asked, Failure, type Stream } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import { onTold } from '../state/feed.ts';
import { useAsked } from '../ui/use-asked.ts';

/** All cameras, by name, as they stand. */
export function useStreams() {
  const { data, error, again, change } = useAsked(
    async (signal) => (await asked(api.GET('/v1/streams', { signal }))).streams as readonly Stream[],
    [],
  );
  useEffect(() => {
    const ends = [
      onTold('stream', (stream) => change((before) => withOne(before, stream))),
      onTold('stream-removed', ({ id }) => change((before) => before.filter((one) => one.id !== id))),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [change]);
  return {
    streams: data,
    error,
    again,
    put: (stream: Stream) => change((before) => withOne(before, stream)),
  };
}

const withOne = (before: readonly Stream[], stream: Stream): readonly Stream[] =>
  [...before.filter(({ id }) => id !== stream.id), stream].sort((a, b) => a.name.localeCompare(b.name));

/** One camera. `gone`: there is none of this id, or no more. */
export function useStream(id: string) {
  const { data, error, again, change } = useAsked(
    async (signal) => await asked(api.GET('/v1/streams/{id}', { params: { path: { id } }, signal })),
    [id],
  );
  const [removed, setRemoved] = useState<string>();
  useEffect(() => {
    const ends = [
      // What was told earlier of an answer that comes later is older than it.
      onTold('stream', (stream) => {
        if (stream.id === id) change((before) => newer(before, stream));
      }),
      onTold('stream-removed', (stream) => {
        if (stream.id === id) setRemoved(id);
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [id, change]);
  return {
    stream: data,
    error,
    again,
    gone: removed === id || (error instanceof Failure && error.code === 'STREAM_NOT_FOUND'),
    put: (stream: Stream) => change((before) => newer(before, stream)),
  };
}

const newer = (before: Stream, told: Stream): Stream => (told.revision < before.revision ? before : told);

type Patch = components['schemas']['StreamPatchInput'];

/** Changes a camera while it runs. Throws Failure. */
export const changeStream = async (id: string, body: Patch): Promise<Stream> =>
  await asked(api.PATCH('/v1/streams/{id}', { params: { path: { id } }, body }));
