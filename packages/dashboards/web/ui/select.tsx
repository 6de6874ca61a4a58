/** A list to choose one or several from, with a field to find entries in long lists. */
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import { Icon } from './icon.tsx';
import { useCloseOutside } from './menu.tsx';

export interface SelectOption {
  readonly text: string;
  readonly value: string;
}

export interface SelectProps {
  readonly label: string;
  readonly options: readonly SelectOption[];
  /** Values; in the order of choice where several can be chosen. */
  readonly chosen: readonly string[];
  readonly multi?: boolean;
  readonly onChange: (chosen: readonly string[]) => void;
}

/** A list beyond this is found by typing, not by scrolling. */
const SHOWN_MAX = 300;
const SEARCH_FROM = 8;

export function Select({ label, options, chosen, multi = false, onChange }: SelectProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useCloseOutside(root, open, () => setOpen(false));
  const texts = chosen.map((value) => options.find((option) => option.value === value)?.text ?? value);
  const summary =
    texts.length === 0 || texts[0] === ''
      ? 'None'
      : texts.length > 2
        ? `${texts[0]} + ${texts.length - 1}`
        : texts.join(' + ');
  const pick = (value: string) => {
    if (!multi) {
      onChange([value]);
      setOpen(false);
      root.current?.querySelector('button')?.focus();
    } else onChange(chosen.includes(value) ? chosen.filter((item) => item !== value) : [...chosen, value]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape is heard for the button and the list inside
    <div
      className="menu select"
      ref={root}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setOpen(false);
      }}
    >
      <button
        type="button"
        className="button select-button"
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-controls={id}
        aria-label={`${label}: ${summary}`}
        onClick={() => setOpen(!open)}
      >
        <span className="select-text">{summary}</span>
        <Icon name="chevron" size={12} />
      </button>
      {open && <SelectList id={id} label={label} options={options} chosen={chosen} multi={multi} pick={pick} />}
    </div>
  );
}

interface SelectListProps {
  readonly id: string;
  readonly label: string;
  readonly options: readonly SelectOption[];
  readonly chosen: readonly string[];
  readonly multi: boolean;
  readonly pick: (value: string) => void;
}

function SelectList({ id, label, options, chosen, multi, pick }: SelectListProps) {
  const [words, setWords] = useState('');
  const found = useMemo(
    () => options.filter(({ text }) => text.toLowerCase().includes(words.toLowerCase())),
    [options, words],
  );
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const entries = [...(list.current?.querySelectorAll<HTMLElement>('[role=option]') ?? [])];
    entries[Math.max(0, entries.indexOf(document.activeElement as HTMLElement) + step)]?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys are heard for the entries inside
    <div className="menu-list menu-start" onKeyDown={onKeyDown} ref={list}>
      {options.length >= SEARCH_FROM && (
        <input
          className="select-search"
          type="search"
          // biome-ignore lint/a11y/noAutofocus: the list was opened to choose from it
          autoFocus
          placeholder="Find"
          aria-label={`Find in ${label}`}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      <div id={id} role="listbox" aria-label={label} aria-multiselectable={multi}>
        {found.slice(0, SHOWN_MAX).map(({ text, value }) => (
          <button
            key={value}
            type="button"
            role="option"
            aria-selected={chosen.includes(value)}
            className="menu-item"
            onClick={() => pick(value)}
          >
            <span className="menu-mark">{chosen.includes(value) && <Icon name="check" size={14} />}</span>
            {text === '' ? '(empty)' : text}
          </button>
        ))}
      </div>
      {found.length === 0 && (
        <p className="hint select-hint">{options.length === 0 ? 'There are no values' : 'Nothing matches'}</p>
      )}
      {found.length > SHOWN_MAX && (
        <p className="hint select-hint">{found.length - SHOWN_MAX} more; type to find them</p>
      )}
    </div>
  );
}
