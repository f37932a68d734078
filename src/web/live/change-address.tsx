import { useState } from 'preact/hooks';
import type { Stream } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';
import { CameraFields, CameraFindings, faultOfAddress } from './camera-fields.tsx';
import { addressOf, NEW_CAMERA, useCameraTest } from './use-camera-test.ts';
import { changeStream } from './use-streams.ts';

const t = text.live.adding;

/** Another address, user or password for a camera that stays what it is: its rules, recordings and events go on. */
export function ChangeAddress({
  stream,
  onStream,
  onClose,
}: {
  readonly stream: Stream;
  readonly onStream: (stream: Stream) => void;
  readonly onClose: () => void;
}) {
  const { transport, track } = stream;
  // The server tells of no user and no password.
  const shown = stream.url.replace(/^([a-z]+:\/\/)\*\*\*@/i, '$1');
  const camera = useCameraTest({ ...NEW_CAMERA, address: shown, transport, track });
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const { asking, result, testing } = camera;
  const isRight = () => {
    setTried(true);
    return faultOfAddress(asking.address) === undefined;
  };

  async function save(): Promise<void> {
    if (!isRight()) return;
    setBusy(true);
    setError(undefined);
    try {
      const { address, user, password, transport, track } = asking;
      // As it was, with the user and the password that it has.
      const stays = address.trim() === shown && !user && !password;
      const url = stays ? {} : { url: addressOf(asking) };
      onStream(await changeStream(stream.id, { ...url, transport, track }));
      say(t.changed);
      onClose();
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }
  return (
    <Dialog
      title={t.change}
      wide
      onClose={onClose}
      footer={
        <>
          {!result?.ok && (
            <Button kind="quiet" disabled={busy} onClick={() => void save()}>
              {t.saveAnyway}
            </Button>
          )}
          <Button
            type="submit"
            form="change-address"
            kind={result?.ok ? undefined : 'primary'}
            disabled={testing || busy}
          >
            {result ? t.again : t.test}
          </Button>
          {result?.ok && (
            <Button kind="primary" disabled={busy} onClick={() => void save()}>
              {text.common.save}
            </Button>
          )}
        </>
      }
    >
      <p class="soft">{t.changeHint}</p>
      <div class="camera-ask">
        <form
          id="change-address"
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (isRight()) void camera.test();
          }}
        >
          <CameraFields camera={camera} tried={tried} />
        </form>
        <CameraFindings camera={camera} />
      </div>
      {error !== undefined && <Problem error={error} />}
    </Dialog>
  );
}
