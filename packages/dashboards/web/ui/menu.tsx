/** A button with a list that opens below it; closes by Escape, by a click elsewhere and after a choice. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Link } from '../router/link.tsx';
import { Icon } from './icon.tsx';

export interface MenuProps {
  readonly label: string;
  readonly button: ReactNode;
  readonly children: ReactNode;
  readonly align?: 'start' | 'end';
  readonly className?: string;
  /** Stays open while things inside are clicked, for pickers with several parts. */
  readonly panel?: boolean;
}

export function Menu({
  label,
  button,
  children,
  align = 'start',
  className = 'button-icon',
  panel = false,
}: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useCloseOutside(root, open, () => setOpen(false));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setOpen(false);
      root.current?.querySelector('button')?.focus();
    }
    if (!panel && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      moveFocus(root.current, event.key === 'ArrowDown' ? 1 : -1);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys are heard for the button and the list inside
    <div className="menu" ref={root} onKeyDown={onKeyDown}>
      <button
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup={panel ? 'dialog' : 'menu'}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: its entries are buttons and links of their own
        // biome-ignore lint/a11y/noStaticElementInteractions: closes after a click on an entry
        <div
          id={id}
          role={panel ? 'dialog' : 'menu'}
          className={`menu-list menu-${align}`}
          onClick={panel ? undefined : () => setOpen(false)}
        >
          {children}
        </div>
      )}
    </div>
  );
}

function moveFocus(root: HTMLElement | null, step: number): void {
  const entries = [...(root?.querySelectorAll<HTMLElement>('.menu-item') ?? [])];
  const at = entries.indexOf(document.activeElement as HTMLElement);
  entries[(at + step + entries.length) % entries.length]?.focus();
}

export function useCloseOutside(root: React.RefObject<HTMLElement | null>, open: boolean, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!open) return;
    const onDown = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) latest.current();
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  }, [open, root]);
}

export interface MenuItemProps {
  readonly children: ReactNode;
  readonly onSelect?: () => void;
  readonly href?: string;
  readonly checked?: boolean;
}

export function MenuItem({ children, onSelect, href, checked }: MenuItemProps) {
  if (href !== undefined) {
    return (
      <Link href={href} className="menu-item" role="menuitem">
        {children}
      </Link>
    );
  }
  if (checked === undefined) {
    return (
      <button type="button" className="menu-item" role="menuitem" onClick={onSelect}>
        {children}
      </button>
    );
  }
  return (
    <button type="button" className="menu-item" role="menuitemradio" aria-checked={checked} onClick={onSelect}>
      <span className="menu-mark">{checked && <Icon name="check" size={14} />}</span>
      {children}
    </button>
  );
}
