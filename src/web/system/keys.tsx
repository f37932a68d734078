import { KeyRound, Plus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { api, asked, Failure } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import { type Role, recognise, signIn, who } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Confirm, Dialog } from '../ui/dialog.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { Badge, Empty, Loading, Notice, Problem } from '../ui/parts.tsx';
import { agoOf, momentOf } from '../ui/time.ts';
import { attempt } from '../ui/toast.tsx';
import { useAsked } from '../ui/use-asked.ts';
import { MadeKey, madeKey } from './new-key.tsx';

type Key = components['schemas']['Key'];

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

/** Who may do what. */
export function Keys() {
  const { data, error, again } = useAsked((signal) => asked(api.GET('/v1/keys', { signal })), []);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Key>();
  const t = text.system;
  const keyless = who.value?.keyless ?? false;
  const first = keyless && data?.keys.every(({ revoked_at }) => revoked_at) === true;
  const inForce = data?.keys.filter(({ revoked_at }) => !revoked_at) ?? [];

  async function revoke({ id }: Key): Promise<void> {
    await asked(api.DELETE('/v1/keys/{id}', { params: { path: { id } } }));
    // It may have been one's own.
    await recognise();
    again();
  }

  return (
    <div class="stack">
      {keyless && <Notice>{t.keyless}</Notice>}
      <div class="row">
        <p class="soft grow">{t.keysHint}</p>
        <Button kind="primary" icon={Plus} disabled={!data} onClick={() => setMaking(true)}>
          {first ? t.keyFirst : t.keyNew}
        </Button>
      </div>
      {error !== undefined && <Problem error={error} onRetry={again} />}
      {!data && error === undefined && <Loading />}
      {data?.keys.length === 0 && (
        <Empty icon={KeyRound} title={t.keysNone}>
          <p>{t.keysNoneBody}</p>
        </Empty>
      )}
      {data && data.keys.length > 0 && <Table keys={data.keys} onRevoke={setRevoking} />}
      {making && <NewKey first={first} onClose={() => setMaking(false)} onMade={again} />}
      <MadeKey />
      {revoking && (
        <Confirm
          title={t.revokeTitle}
          action={t.revoke}
          onClose={() => setRevoking(undefined)}
          onConfirm={() => attempt(() => revoke(revoking), t.revoked)}
        >
          <p>{t.revokeBody(revoking.name)}</p>
          {isYours(revoking) && <p>{t.revokeYours}</p>}
          {revoking.role === 'admin' &&
            inForce.length > 1 &&
            inForce.filter(({ role }) => role === 'admin').length === 1 && <p>{t.revokeLastAdmin}</p>}
        </Confirm>
      )}
    </div>
  );
}

const isYours = ({ name, role }: Key): boolean => who.value?.name === name && who.value.role === role;

function Table({ keys, onRevoke }: { readonly keys: readonly Key[]; readonly onRevoke: (key: Key) => void }) {
  const t = text.system;
  // Those in force first, the newest first.
  const rows = keys.toSorted(
    (a, b) => Number(!!a.revoked_at) - Number(!!b.revoked_at) || b.created_at.localeCompare(a.created_at),
  );
  return (
    <div class="scroll-x">
      <table class="table keys-table">
        <thead>
          <tr>
            <th>{t.keyTable.name}</th>
            <th>{t.keyTable.role}</th>
            <th>{t.keyTable.made}</th>
            <th>{t.keyTable.state}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {rows.map((key) => (
            <tr key={key.id} class={key.revoked_at ? 'soft' : undefined}>
              <td>
                {key.name} {!key.revoked_at && isYours(key) && <Badge tone="accent">{t.keyYours}</Badge>}
              </td>
              <td title={t.roleAbout[key.role]}>{t.roles[key.role]}</td>
              <td>
                <time dateTime={key.created_at} title={momentOf(key.created_at)}>
                  {agoOf(key.created_at)}
                </time>
              </td>
              <td>
                {key.revoked_at ? (
                  <span title={momentOf(key.revoked_at)}>{t.keyOff(agoOf(key.revoked_at))}</span>
                ) : (
                  <Badge tone="good">{t.keyOn}</Badge>
                )}
              </td>
              <td class="end">
                {!key.revoked_at && (
                  <Button
                    small
                    kind="danger"
                    aria-label={t.revokeName(key.name)}
                    onClick={() => onRevoke(key)}
                  >
                    {t.revoke}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NewKey({
  first,
  onClose,
  onMade,
}: {
  /** There is no key yet. */
  readonly first: boolean;
  readonly onClose: () => void;
  readonly onMade: () => void;
}) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>(first ? 'admin' : 'operator');
  const [asking, setAsking] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>();
  const t = text.system;

  async function make(event: Event): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (name.trim() === '') return;
    setAsking(true);
    try {
      const key = await asked(api.POST('/v1/keys', { body: { name: name.trim(), role } }));
      madeKey.value = { name: key.name, secret: key.secret, first };
      onClose();
      // From now on nobody is known without one.
      if (first) await signIn(key.secret);
      onMade();
    } catch (refused) {
      setAsking(false);
      if (!(refused instanceof Failure)) throw refused;
      setError(refused);
    }
  }

  return (
    <Dialog
      title={first ? t.keyFirst : t.keyNew}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" type="submit" form="new-key" disabled={asking}>
            {t.keyMake}
          </Button>
        </>
      }
    >
      <form id="new-key" class="stack" onSubmit={make}>
        {first && <Notice tone="warn">{t.keyless}</Notice>}
        <TextField
          label={t.keyName}
          hint={t.keyNameHint}
          wrong={tried && name.trim() === '' ? t.keyNameWrong : undefined}
          autofocus
          maxLength={100}
          value={name}
          onText={setName}
        />
        {first ? (
          <p>
            <span class="soft">{t.keyRole}:</span> {t.roles.admin}
          </p>
        ) : (
          <SelectField
            label={t.keyRole}
            hint={t.roleAbout[role]}
            value={role}
            options={ROLES.map((one) => [one, t.roles[one]] as const)}
            onSelect={setRole}
          />
        )}
        {error !== undefined && <Problem error={error} />}
      </form>
    </Dialog>
  );
}
