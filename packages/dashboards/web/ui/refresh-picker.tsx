/** Refreshes now, and by itself in an interval. */
import { Icon } from './icon.tsx';
import { Menu, MenuItem } from './menu.tsx';

export interface RefreshPickerProps {
  /** `30s`, or empty for by hand only. */
  readonly refresh: string;
  readonly intervals: readonly string[];
  readonly onRefresh: () => void;
  readonly onChange: (refresh: string) => void;
}

export function RefreshPicker({ refresh, intervals, onRefresh, onChange }: RefreshPickerProps) {
  return (
    <div className="button-group">
      <button type="button" className="button" aria-label="Refresh now" title="Refresh now" onClick={onRefresh}>
        <Icon name="refresh" />
      </button>
      <Menu
        label="Refresh by itself"
        className="button"
        align="end"
        button={
          <>
            {refresh === '' ? 'Off' : refresh} <Icon name="chevron" size={12} />
          </>
        }
      >
        {['', ...intervals].map((interval) => (
          <MenuItem key={interval} checked={interval === refresh} onSelect={() => onChange(interval)}>
            {interval === '' ? 'Off' : interval}
          </MenuItem>
        ))}
      </Menu>
    </div>
  );
}
