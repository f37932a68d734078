import type { LucideIcon } from 'lucide-preact';
import type { ComponentChildren, JSX } from 'preact';

interface Look {
  readonly kind?: 'primary' | 'quiet' | 'danger' | 'quiet danger';
  readonly small?: boolean;
  readonly icon?: LucideIcon;
}

type ButtonProps = Look & {
  readonly children?: ComponentChildren;
} & Omit<JSX.HTMLAttributes<HTMLButtonElement>, 'icon' | 'label' | 'children'> & {
    readonly disabled?: boolean;
    readonly type?: 'button' | 'submit';
    readonly form?: string;
  };

const classOf = ({ kind, small }: Look, ...more: readonly (string | false | undefined)[]) =>
  ['button', kind, small && 'small', ...more].filter(Boolean).join(' ');

export function Button({
  kind,
  small,
  icon: Icon,
  children,
  type = 'button',
  class: name,
  ...rest
}: ButtonProps) {
  return (
    <button type={type} class={classOf({ kind, small }, name as string | undefined)} {...rest}>
      {Icon && <Icon size={18} aria-hidden="true" />}
      {children}
    </button>
  );
}

/** A button that is a picture alone. `label` is what it is called by those who do not see it, and its hint for others. */
export function IconButton({
  label,
  icon: Icon,
  kind = 'quiet',
  small,
  class: name,
  type = 'button',
  ...rest
}: Omit<ButtonProps, 'children'> & { readonly label: string; readonly icon: LucideIcon }) {
  return (
    <button
      type={type}
      class={classOf({ kind, small }, 'icon', name as string | undefined)}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon size={small ? 16 : 20} aria-hidden="true" />
    </button>
  );
}

/** An address that looks like a button. */
export function LinkButton({
  kind,
  small,
  icon: Icon,
  children,
  ...rest
}: Look & {
  readonly children: ComponentChildren;
  readonly href: string;
  readonly download?: boolean | string;
} & Omit<JSX.HTMLAttributes<HTMLAnchorElement>, 'icon'>) {
  return (
    <a class={classOf({ kind, small })} {...rest}>
      {Icon && <Icon size={18} aria-hidden="true" />}
      {children}
    </a>
  );
}
