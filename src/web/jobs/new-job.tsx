import { Clapperboard, Link2, Upload } from 'lucide-preact';
import type { Ref } from 'preact';
import { useState } from 'preact/hooks';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { say } from '../ui/toast.tsx';
import { addressesIn, type Given, sorted, useDropped } from './dropped.ts';
import { addAddress, addFiles, drafts } from './intake.ts';

/** Takes what can become a job, and says what of it cannot. */
export function take({ videos, addresses, others }: Given): void {
  if (others.length > 0) say(text.jobs.noVideo(others), true);
  if (videos.length > 0) addFiles(videos);
  for (const address of addresses) addAddress(address);
}

/** Where videos come in. `large`: there is nothing else to see yet. */
export function NewJob({
  large,
  chooser,
}: {
  readonly large: boolean;
  readonly chooser: Ref<HTMLInputElement>;
}) {
  const over = useDropped(take);
  const [address, setAddress] = useState('');
  const [wrong, setWrong] = useState(false);
  const t = text.jobs;

  function add(event: Event): void {
    event.preventDefault();
    const addresses = addressesIn(address);
    setWrong(addresses.length === 0);
    if (addresses.length === 0) return;
    take({ videos: [], others: [], addresses });
    setAddress('');
  }

  return (
    <section class={`intake${large ? ' large' : ''}`} aria-label={t.new}>
      {large && (
        <>
          <Clapperboard size={44} aria-hidden="true" />
          <h2>{t.firstTitle}</h2>
          <p>{t.first}</p>
        </>
      )}
      <div class="ways">
        {/* The next step is the main one once there is something to segment. */}
        <label class={`button choose${drafts.value.length === 0 ? ' primary' : ''}`}>
          <Upload size={18} aria-hidden="true" />
          {t.choose}
          <input
            ref={chooser}
            class="unseen"
            type="file"
            multiple
            accept="video/*,.mkv,.ts,.m2ts,.mts,.mxf,.flv,.avi,.wmv,.y4m,.nut"
            onChange={({ currentTarget }) => {
              take(sorted([...(currentTarget.files ?? [])]));
              // The same file may be chosen again.
              currentTarget.value = '';
            }}
          />
        </label>
        <form class="intake-address" onSubmit={add}>
          <Link2 size={18} aria-hidden="true" />
          <input
            class="input"
            type="text"
            inputMode="url"
            autocomplete="off"
            spellcheck={false}
            aria-label={t.address}
            aria-invalid={wrong}
            aria-describedby={wrong ? 'address-wrong' : undefined}
            placeholder={t.addressPlaceholder}
            value={address}
            onInput={({ currentTarget }) => {
              setAddress(currentTarget.value);
              setWrong(false);
            }}
          />
          <Button type="submit" disabled={address.trim() === ''}>
            {t.addAddress}
          </Button>
        </form>
        <span class="soft small hint">{t.drop}</span>
      </div>
      {wrong && (
        <p class="wrong" id="address-wrong" role="alert">
          {t.addressWrong}
        </p>
      )}
      {over && (
        <div class="drop-here">
          <p>
            <Upload size={40} aria-hidden="true" />
            {t.dropNow}
          </p>
        </div>
      )}
    </section>
  );
}
