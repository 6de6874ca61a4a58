/** Chooses the time range: quick ones by a click, any other by writing it. */
import { type FormEvent, useState } from 'react';
import { describeRange, quickRanges, type RawTimeRange, resolveTimeRange, type TimeRange } from '../../model/index.ts';
import { momentFormatter } from '../chart/time-axis.ts';
import { Icon } from './icon.tsx';
import { Menu } from './menu.tsx';

export interface TimePickerProps {
  readonly raw: RawTimeRange;
  readonly range: TimeRange;
  readonly onChange: (raw: RawTimeRange) => void;
  /** `browser`, `utc` or an IANA name; what one writes is read in it when it is utc, else locally. */
  readonly timezone?: string;
}

export function TimePicker({ raw, range, onChange, timezone = 'browser' }: TimePickerProps) {
  const format = momentFormatter(timezone);
  const spoken = describeRange(raw);
  return (
    <Menu
      panel
      label={`Time range: ${format(range.fromMs)} to ${format(range.toMs)}`}
      className="button"
      align="end"
      button={
        <>
          <Icon name="clock" />
          {spoken}
          {timezone === 'utc' && <span className="quiet">UTC</span>}
          <Icon name="chevron" size={12} />
        </>
      }
    >
      <div className="time-picker">
        <AbsoluteForm key={`${raw.from} ${raw.to}`} raw={raw} range={range} onChange={onChange} timezone={timezone} />
        <ul>
          {quickRanges.map(({ label, from, to }) => (
            <li key={label}>
              <button
                type="button"
                className="menu-item"
                aria-pressed={label === spoken}
                onClick={(event) => choose(event.currentTarget, () => onChange({ from, to }))}
              >
                {label}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Menu>
  );
}

/** A choice closes the picker: focus goes back to its button, and the click outside is simulated by it. */
function choose(element: HTMLElement, change: () => void): void {
  change();
  element.closest('.menu')?.querySelector<HTMLButtonElement>('[aria-haspopup]')?.click();
}

function AbsoluteForm({ raw, range, onChange, timezone }: Required<TimePickerProps>) {
  const format = momentFormatter(timezone === 'utc' ? 'utc' : 'browser');
  const shown = (text: string, ms: number) => (/^\d+$/.test(text) ? format(ms) : text);
  const [from, setFrom] = useState(shown(raw.from, range.fromMs));
  const [to, setTo] = useState(shown(raw.to, range.toMs));
  const [problem, setProblem] = useState('');
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const written = { from: from.trim(), to: to.trim() };
    try {
      const zone = timezone === 'utc' ? 'utc' : 'local';
      const resolved = resolveTimeRange(written, Date.now(), zone);
      const kept = (text: string, ms: number) => (text.startsWith('now') ? text : String(ms));
      const form = event.currentTarget;
      choose(form, () => onChange({ from: kept(written.from, resolved.fromMs), to: kept(written.to, resolved.toMs) }));
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <form onSubmit={apply}>
      <label>
        From
        <input value={from} onChange={(event) => setFrom(event.target.value)} spellCheck={false} />
      </label>
      <label>
        To
        <input value={to} onChange={(event) => setTo(event.target.value)} spellCheck={false} />
      </label>
      {problem !== '' && (
        <p className="form-problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className="button button-primary">
        Apply
      </button>
      <p className="hint">now-90m, now/d, 2026-01-31 18:00</p>
    </form>
  );
}
