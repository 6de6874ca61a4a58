/** Writes the times below a chart: as short as the distance between ticks allows, with the day where it changes. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export function timeFormatter(timezone: string): (timesMs: readonly number[], incrementMs: number) => string[] {
  const timeZone = timezone === 'utc' ? 'UTC' : timezone === 'browser' || timezone === '' ? undefined : timezone;
  const make = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { hourCycle: 'h23', ...options, ...(timeZone === undefined ? {} : { timeZone }) });
  const clock = make({ hour: '2-digit', minute: '2-digit' });
  const clockSeconds = make({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const day = make({ month: 'short', day: 'numeric' });
  const month = make({ month: 'short', year: 'numeric' });
  return (timesMs, incrementMs) => {
    let lastDay = '';
    return timesMs.map((timeMs, index) => {
      const date = new Date(timeMs);
      if (incrementMs >= 28 * DAY_MS) return month.format(date);
      const today = day.format(date);
      if (incrementMs >= DAY_MS) return today;
      const changed = today !== lastDay && index > 0;
      lastDay = today;
      const milliseconds = incrementMs < SECOND_MS ? `.${String(date.getMilliseconds()).padStart(3, '0')}` : '';
      const time = incrementMs < MINUTE_MS ? clockSeconds.format(date) + milliseconds : clock.format(date);
      return changed && time.startsWith('00:00') ? today : time;
    });
  };
}

/** The whole moment, for tooltips and tables. */
export function momentFormatter(timezone: string): (timeMs: number) => string {
  const timeZone = timezone === 'utc' ? 'UTC' : timezone === 'browser' || timezone === '' ? undefined : timezone;
  const format = new Intl.DateTimeFormat('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return (timeMs) => format.format(new Date(timeMs));
}
