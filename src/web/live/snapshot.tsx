import { VideoOff } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Stream } from '../api/client.ts';
import { text } from '../text/en.ts';
import { useVisible } from '../ui/use-visible.ts';
import { keepDrawing } from './snapshots.ts';

/** A picture that is renewed about once a second while it can be seen. The last one stays when none comes. */
export function Snapshot({ stream }: { readonly stream: Stream }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const visible = useVisible(canvas);
  const [comes, setComes] = useState<boolean>();
  const { id, state } = stream;
  const live = state === 'live';
  useEffect(() => {
    if (!live || !visible || !canvas.current) return;
    const gone = new AbortController();
    void keepDrawing(id, canvas.current, setComes, gone.signal);
    return () => gone.abort();
  }, [id, live, visible]);
  return (
    <div class={`snapshot${live && comes !== false ? '' : ' old'}`}>
      <VideoOff size={32} aria-hidden="true" />
      <canvas ref={canvas} width={16} height={9} role="img" aria-label={text.live.picture(stream.name)} />
      {live && comes === false && <p>{text.live.old}</p>}
    </div>
  );
}
