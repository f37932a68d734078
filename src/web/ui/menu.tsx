import type { LucideIcon } from 'lucide-preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Button, IconButton } from './button.tsx';

export interface MenuItem {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly danger?: boolean;
  /** Either an address, which is downloaded where `download` is set, or what is to be done. */
  readonly href?: string;
  readonly download?: boolean;
  readonly onSelect?: () => void;
}

/** A button with more to choose from. Closed by Escape, by a choice, and by whatever is done elsewhere. */
export function Menu({
  label,
  icon,
  items,
  named = false,
  up = false,
}: {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly items: readonly (MenuItem | false | undefined)[];
  /** The label is shown beside the picture. */
  readonly named?: boolean;
  readonly up?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    menu.current?.querySelector<HTMLElement>('li > *')?.focus();
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
    };
  }, [open]);

  function move(event: KeyboardEvent): void {
    if (!open) return;
    const all = [...(menu.current?.querySelectorAll<HTMLElement>('li > *') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'Escape') {
      setOpen(false);
      menu.current?.querySelector('button')?.focus();
      event.stopPropagation();
    } else if (event.key === 'ArrowDown') all[(at + 1) % all.length]?.focus();
    else if (event.key === 'ArrowUp') all[(at + all.length - 1) % all.length]?.focus();
    else return;
    event.preventDefault();
  }

  const toggle = {
    'aria-expanded': open,
    'aria-controls': id,
    onClick: () => setOpen(!open),
  };
  return (
    <div class={`menu${up ? ' up' : ''}`} ref={menu} onKeyDown={move}>
      {named ? (
        <Button icon={icon} {...toggle}>
          {label}
        </Button>
      ) : (
        <IconButton label={label} icon={icon} {...toggle} />
      )}
      {open && (
        <ul id={id}>
          {items.map((item) => {
            if (!item) return null;
            const { label: name, icon: Icon, danger, href, download, onSelect } = item;
            const inside = (
              <>
                {Icon && <Icon size={18} aria-hidden="true" />}
                {name}
              </>
            );
            const choose = () => {
              setOpen(false);
              onSelect?.();
            };
            return (
              <li key={name}>
                {href ? (
                  <a href={href} download={download ? '' : undefined} onClick={choose}>
                    {inside}
                  </a>
                ) : (
                  <button type="button" class={danger ? 'danger' : undefined} onClick={choose}>
                    {inside}
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
