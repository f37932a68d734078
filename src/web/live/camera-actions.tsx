import { EllipsisVertical, Pencil, Play, Square, Trash2, Waypoints } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { api, asked, type Stream } from '../api/client.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Confirm, Dialog } from '../ui/dialog.tsx';
import { Switch, TextField } from '../ui/field.tsx';
import { Menu } from '../ui/menu.tsx';
import { Problem } from '../ui/parts.tsx';
import { attempt, say } from '../ui/toast.tsx';
import { ChangeAddress } from './change-address.tsx';
import { changeStream } from './use-streams.ts';

const t = text.live;

/** What one may do with a camera: start, stop, record, rename, remove. */
export function CameraActions({
  stream,
  onStream,
}: {
  readonly stream: Stream;
  readonly onStream: (stream: Stream) => void;
}) {
  const { id, name, wish, record } = stream;
  const [open, setOpen] = useState<'name' | 'address' | 'remove'>();
  const [busy, setBusy] = useState(false);
  const [, go] = useLocation();
  if (!may('operator')) return record ? <span class="small soft">{t.recording}</span> : null;

  async function change(patch: Parameters<typeof changeStream>[1], done?: string): Promise<void> {
    setBusy(true);
    await attempt(async () => onStream(await changeStream(id, patch)), done);
    setBusy(false);
  }
  async function remove(): Promise<void> {
    const done = await attempt(
      () => asked(api.DELETE('/v1/streams/{id}', { params: { path: { id } } })),
      t.removed(name),
    );
    if (done) go('/live');
  }

  const runs = wish === 'running';
  const close = () => setOpen(undefined);
  return (
    <div class="row">
      <Switch
        label={t.record}
        checked={record !== null}
        disabled={busy}
        onSwitch={(on) => void change({ record: on })}
      />
      <Button
        icon={runs ? Square : Play}
        disabled={busy}
        onClick={() => void change({ state: runs ? 'stopped' : 'running' }, runs ? t.stopped : t.started)}
      >
        {runs ? t.stop : t.start}
      </Button>
      <Menu
        label={text.common.more}
        icon={EllipsisVertical}
        items={[
          { label: t.rename, icon: Pencil, onSelect: () => setOpen('name') },
          { label: t.editAddress, icon: Waypoints, onSelect: () => setOpen('address') },
          { label: t.remove, icon: Trash2, danger: true, onSelect: () => setOpen('remove') },
        ]}
      />
      {open === 'name' && <Rename stream={stream} onStream={onStream} onClose={close} />}
      {open === 'address' && <ChangeAddress stream={stream} onStream={onStream} onClose={close} />}
      {open === 'remove' && (
        <Confirm
          title={t.removeTitle(name)}
          action={t.remove}
          onConfirm={() => void remove()}
          onClose={close}
        >
          <p>{t.removeBody}</p>
        </Confirm>
      )}
    </div>
  );
}

function Rename({
  stream,
  onStream,
  onClose,
}: {
  readonly stream: Stream;
  readonly onStream: (stream: Stream) => void;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState(stream.name);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      onStream(await changeStream(stream.id, { name }));
      say(t.renamed(name));
      onClose();
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }
  return (
    <Dialog
      title={t.renameTitle}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" type="submit" form="rename" disabled={busy || !name.trim()}>
            {text.common.save}
          </Button>
        </>
      }
    >
      <form id="rename" class="stack" onSubmit={(event) => void save(event)}>
        <TextField label={t.name} value={name} onText={setName} maxLength={200} autofocus />
        {error !== undefined && <Problem error={error} />}
      </form>
    </Dialog>
  );
}
