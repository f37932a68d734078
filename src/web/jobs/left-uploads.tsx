import { History, X } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Meter } from '../ui/parts.tsx';
import { bytesOf } from '../ui/time.ts';
import { addLeft, intakes } from './intake.ts';
import { forgetUpload, type KeptUpload, leftUploads } from './upload-shelf.ts';

/** Milliseconds between two looks at what other tabs have left. */
const LOOK = 10_000;

/** Uploads that were begun before the page was left. */
export function LeftUploads() {
  const [left, setLeft] = useState(leftUploads);
  const count = intakes.value.length;
  // What was dropped again is not left any more.
  useEffect(() => {
    setLeft(leftUploads());
    const timer = setInterval(() => setLeft(leftUploads()), LOOK);
    return () => clearInterval(timer);
  }, [count]);
  if (left.length === 0) return null;
  const t = text.jobs;
  return (
    <section class="card left" aria-label={t.left}>
      <h2>{t.left}</h2>
      {!left.every(isWhole) && <p class="small soft">{t.leftHint}</p>}
      <ul class="comings">
        {left.map((kept) => (
          <li key={kept.key} class="coming">
            <History size={20} aria-hidden="true" />
            <Left kept={kept} />
            {isWhole(kept) && (
              <Button small aria-label={t.useLeftName(kept.name)} onClick={() => addLeft(kept)}>
                {t.useLeft}
              </Button>
            )}
            <IconButton
              small
              label={t.forget(kept.name)}
              icon={X}
              onClick={() => {
                forgetUpload(kept.key);
                setLeft(leftUploads());
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

const isWhole = ({ sent, size }: KeptUpload): boolean => sent >= size;

function Left({ kept }: { readonly kept: KeptUpload }) {
  const { name, sent, size } = kept;
  const t = text.jobs;
  return (
    <div class="grow">
      <p class="cut">{name}</p>
      {!isWhole(kept) && <Meter share={size > 0 ? sent / size : 0} label={t.upload(name)} />}
      <p class="small soft">
        {isWhole(kept) ? t.leftWhole(bytesOf(size)) : t.leftBytes(bytesOf(sent), bytesOf(size))}
      </p>
    </div>
  );
}
