import { api, asked, type Clip } from '../api/client.ts';

/** What is done with clips. All throw Failure. */

const path = (id: string) => ({ params: { path: { id } } });

export const changeClip = async (
  id: string,
  body: { readonly keep?: boolean; readonly title?: string },
): Promise<Clip> => await asked(api.PATCH('/v1/clips/{id}', { ...path(id), body }));

export async function removeClip(id: string): Promise<void> {
  await asked(api.DELETE('/v1/clips/{id}', path(id)));
}
