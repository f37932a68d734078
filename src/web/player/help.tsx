import { text } from '../text/en.ts';
import { Dialog } from '../ui/dialog.tsx';

/** What the keys of the player do. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={text.player.keys} onClose={onClose}>
      <dl class="keys">
        {text.player.keyList.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
