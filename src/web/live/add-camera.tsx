import { useState } from 'preact/hooks';
import { api, asked, type Stream } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Switch, TextField } from '../ui/field.tsx';
import { Problem } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';
import { WordsField } from '../ui/words-field.tsx';
import { CameraFields, CameraFindings, faultOfAddress } from './camera-fields.tsx';
import { addressOf, NEW_CAMERA, useCameraTest } from './use-camera-test.ts';
import { synonymsIn } from './words.ts';

const t = text.live.adding;

/** Asks for a camera, looks at it, and adds it. What was typed stays when anything fails. */
export function AddCamera({
  onAdded,
  onClose,
}: {
  readonly onAdded: (stream: Stream) => void;
  readonly onClose: () => void;
}) {
  const camera = useCameraTest(NEW_CAMERA);
  const [name, setName] = useState('');
  const [words, setWords] = useState<readonly string[]>([]);
  const [record, setRecord] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const { asking, result, testing } = camera;

  function isRight(): boolean {
    setTried(true);
    return faultOfAddress(asking.address) === undefined;
  }
  async function add(): Promise<void> {
    if (!isRight()) return;
    setBusy(true);
    setError(undefined);
    try {
      const stream = await asked(
        api.POST('/v1/streams', {
          body: {
            url: addressOf(asking),
            transport: asking.transport,
            track: asking.track,
            record,
            ...(name.trim() ? { name: name.trim() } : {}),
            ...(words.length > 0 ? { vocabulary: words.map(synonymsIn) } : {}),
          },
        }),
      );
      onAdded(stream);
      say(t.added(stream.name));
      onClose();
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={t.title}
      wide
      onClose={onClose}
      footer={
        <>
          {!result?.ok && (
            <Button kind="quiet" disabled={busy} onClick={() => void add()}>
              {t.addAnyway}
            </Button>
          )}
          <Button
            type="submit"
            form="add-camera"
            kind={result?.ok ? undefined : 'primary'}
            disabled={testing || busy}
          >
            {result ? t.again : t.test}
          </Button>
          {result?.ok && (
            <Button kind="primary" disabled={busy} onClick={() => void add()}>
              {t.add}
            </Button>
          )}
        </>
      }
    >
      <div class="camera-ask">
        <form
          id="add-camera"
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (isRight()) void camera.test();
          }}
        >
          <CameraFields camera={camera} tried={tried} />
          <TextField label={text.live.name} hint={t.nameHint} value={name} maxLength={200} onText={setName} />
          <WordsField label={t.words} words={words} onWords={setWords} />
          <Switch label={t.record} checked={record} onSwitch={setRecord} />
        </form>
        <CameraFindings camera={camera} />
      </div>
      {error !== undefined && <Problem error={error} />}
    </Dialog>
  );
}
