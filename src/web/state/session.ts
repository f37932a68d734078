import { signal } from '@preact/signals';
import { api, asked, Failure, onSignedOut } from '../api/client.ts';

export type Role = 'viewer' | 'operator' | 'admin';

export interface Who {
  readonly role: Role;
  readonly name: string;
  /** No key is needed here: there is nothing to sign out of. */
  readonly keyless: boolean;
}

/** Who asks; null: nobody is signed in; undefined: not known yet. */
export const who = signal<Who | null | undefined>(undefined);
/** Whether somebody was signed in before. */
export const expired = signal(false);
/** Whether the server answers. */
export const online = signal(true);

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };
/** Whether whoever is signed in may do what needs this role. What one may not do is not shown. */
export const may = (role: Role): boolean => !!who.value && RANK[who.value.role] >= RANK[role];

function signedOut(): void {
  if (who.value) expired.value = true;
  who.value = null;
}
onSignedOut(signedOut);

/** Asks the server who we are. */
export async function recognise(): Promise<void> {
  try {
    const answer = await asked(api.GET('/v1/session'));
    online.value = true;
    if ('name' in answer) who.value = answer;
    else signedOut();
  } catch (error) {
    if (error instanceof Failure && error.code === 'OFFLINE') online.value = false;
    else throw error;
  }
}

export async function signIn(key: string): Promise<void> {
  who.value = await asked(api.POST('/v1/session', { body: { key } }));
  expired.value = false;
}

export async function signOut(): Promise<void> {
  await asked(api.DELETE('/v1/session'));
  expired.value = false;
  who.value = null;
}
