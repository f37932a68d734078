import { Pause, Play, RotateCcw } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Found } from '../api/client.ts';
import { clockAt, dateOf } from '../past/days.ts';
import { Stage } from '../past/stage.tsx';
import { type Desk, useDesk } from '../past/use-desk.ts';
import { useFiles } from '../past/use-recorded.ts';
import { text } from '../text/en.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/parts.tsx';

const t = text.ask;

/** Plays the recording from the moment that fits best. */
export function PlayFound({
  found: { stream = '', from, at },
  title,
  onClose,
}: {
  readonly found: Found;
  readonly title: string;
  readonly onClose: () => void;
}) {
  const files = useFiles(stream);
  const desk = useDesk(stream, files, new Date(at).getTime());
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => desk.obey({ does: 'play' }), [desk]);
  const { playing, error } = desk;
  return (
    <Dialog wide title={title} onClose={onClose}>
      <div class="play-found">
        <Stage desk={desk} frame={frame} />
        {error.value !== undefined && (
          <Problem error={error.value} onRetry={() => desk.moveTo(desk.at.value)} />
        )}
        <div class="row">
          <IconButton
            kind="primary"
            label={playing.value ? text.past.pause : text.past.play}
            icon={playing.value ? Pause : Play}
            onClick={() => desk.obey({ does: 'play' })}
          />
          <Clock desk={desk} />
          <span class="grow" />
          <Button small kind="quiet" icon={RotateCcw} onClick={() => desk.moveTo(new Date(from).getTime())}>
            {t.restart}
          </Button>
          <Open desk={desk} stream={stream} />
        </div>
      </div>
    </Dialog>
  );
}

function Clock({ desk }: { readonly desk: Desk }) {
  const time = desk.at.value;
  return (
    <time class="now" dateTime={new Date(time).toISOString()}>{`${dateOf(time)} ${clockAt(time, 1)}`}</time>
  );
}

function Open({ desk, stream }: { readonly desk: Desk; readonly stream: string }) {
  const at = new Date(desk.at.value).toISOString();
  return (
    <Link class="button small" href={`/recordings?${new URLSearchParams({ stream, at })}`}>
      {t.openRecording}
    </Link>
  );
}
