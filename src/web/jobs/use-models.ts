import { useMemo } from 'preact/hooks';
import { api, asked } from '../api/client.ts';
import { useAsked } from '../ui/use-asked.ts';

/** Words of a model's own that one begins with: the others are suggested. */
const MOST_WORDS = 12;

export interface Models {
  /** Names of those that can be used at once. */
  readonly models: readonly string[];
  /** The one that is used where nothing is said. */
  readonly standard: string | undefined;
  /** The server has answered, or will not. */
  readonly settled: boolean;
}

export function useModels(): Models {
  const { data, error } = useAsked((signal) => asked(api.GET('/v1/models', { signal })), []);
  return useMemo(() => {
    const here = (data?.models ?? []).filter(({ state }) => ['embedded', 'fetched', 'own'].includes(state));
    return {
      models: here.map(({ name }) => name),
      standard: here.find((model) => model.default)?.name,
      settled: data !== undefined || error !== undefined,
    };
  }, [data, error]);
}

/** Words that a model was taught, to begin with; none where it has no closed list. Undefined until that is known. */
export function useModelWords(model: string | undefined, wanted: boolean): readonly string[] | undefined {
  const { data, error } = useAsked(
    async (signal) =>
      model && wanted
        ? await asked(api.GET('/v1/models/{name}', { params: { path: { name: model } }, signal }))
        : undefined,
    [model, wanted],
  );
  return useMemo(() => {
    // Words that do not come can be typed.
    if (error !== undefined) return [];
    return data?.names.slice(0, MOST_WORDS).map(({ name }) => name);
  }, [data, error]);
}
