import { CircleCheck, TriangleAlert } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import { text } from '../text/en.ts';
import { SelectField, TextField } from '../ui/field.tsx';
import { Notice, Problem } from '../ui/parts.tsx';
import type { Asking, CameraTest, Transport, useCameraTest } from './use-camera-test.ts';

const t = text.live.adding;
const SCHEME = /^(rtsps?|rtmps?|srt|udp|https?):\/\/./i;

/** Why this cannot be asked; undefined where it can be tried. Devices and files of the server have a path. */
export const faultOfAddress = (address: string): string | undefined =>
  SCHEME.test(address.trim()) || address.trim().startsWith('/') ? undefined : t.addressWrong;

/** How a camera is reached. The password is a field of its own, and is shown nowhere. */
export function CameraFields({
  camera: { asking, change, tidy, result },
  tried,
}: {
  readonly camera: ReturnType<typeof useCameraTest>;
  readonly tried: boolean;
}) {
  const put = (more: Partial<Asking>) => change({ ...asking, ...more });
  const tracks = result?.tracks ?? [];
  return (
    <>
      <TextField
        label={t.address}
        hint={t.addressHint}
        value={asking.address}
        wrong={tried ? faultOfAddress(asking.address) : undefined}
        inputMode="url"
        spellcheck={false}
        maxLength={4000}
        autofocus
        onText={(address) => put({ address })}
        onBlur={tidy}
      />
      <div class="two-fields">
        <TextField label={t.user} value={asking.user} spellcheck={false} onText={(user) => put({ user })} />
        <TextField
          label={t.password}
          type="password"
          autocomplete="new-password"
          value={asking.password}
          onText={(password) => put({ password })}
        />
      </div>
      <p class="hint small soft">{t.passwordHint}</p>
      {/^rtsps?:/i.test(asking.address.trim()) && (
        <SelectField<Transport>
          label={t.transport}
          hint={t.transportHint}
          value={asking.transport}
          options={(['tcp', 'udp', 'multicast', 'http'] as const).map(
            (one) => [one, t.transports[one]] as const,
          )}
          onSelect={(transport) => put({ transport })}
        />
      )}
      {tracks.length > 1 && (
        <SelectField
          label={t.track}
          value={String(asking.track)}
          options={tracks.map(
            ({ codec, width, height }, i) => [String(i), `${i}: ${codec}, ${width}×${height}`] as const,
          )}
          onSelect={(track) => put({ track: Number(track) })}
        />
      )}
    </>
  );
}

/** What a look at the camera has found. */
export function CameraFindings({ camera }: { readonly camera: ReturnType<typeof useCameraTest> }) {
  const { result, error, testing } = camera;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (result) place.current?.scrollIntoView({ block: 'nearest' });
  }, [result]);
  return (
    <div class="camera-findings" aria-live="polite" ref={place}>
      {!testing && !result && error === undefined && <p class="small soft">{t.testHint}</p>}
      {testing && (
        <p class="row soft">
          <span class="spinner" />
          {t.testing}
        </p>
      )}
      {error !== undefined && <Problem error={error} />}
      {result && <Findings result={result} />}
    </div>
  );
}

function Findings({ result: { ok, error, checks, picture } }: { readonly result: CameraTest }) {
  return (
    <>
      {ok ? (
        <p class="row good">
          <CircleCheck size={20} aria-hidden="true" />
          {t.good}
        </p>
      ) : (
        <Notice tone="bad">{error?.message ?? t.bad}</Notice>
      )}
      {picture && <img class="findings-picture" src={picture} alt={t.picture} />}
      {ok && (
        <ul class="findings">
          {checks.map(({ name, ok: fine, detail }) => (
            <li key={name} class="finding">
              {fine ? (
                <CircleCheck class="good" size={16} aria-label={t.fine} />
              ) : (
                <TriangleAlert class="odd" size={16} aria-label={t.odd} />
              )}
              <span>
                <b>{name}</b> {detail}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
