import { Dialog } from './dialog.tsx';

/** The keys of a screen, and what they do. */
export function Help({
  title,
  keys,
  onClose,
}: {
  readonly title: string;
  readonly keys: readonly (readonly [keys: readonly string[], what: string])[];
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <dl class="keys">
        {keys.map(([names, what]) => (
          <div key={what}>
            <dt>
              {names.map((key) => (
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
