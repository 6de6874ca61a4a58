/** Times of the week and the year at which routes are muted or active (timeinterval of Alertmanager). */

export interface Range {
  readonly from: number;
  /** Inclusive, but for minutes of the day, where it is not. */
  readonly to: number;
}

/** One interval; an empty list of ranges restricts nothing. */
export interface TimeInterval {
  /** Minutes of the day, the end exclusive. */
  readonly times: readonly Range[];
  /** 0 is Sunday. */
  readonly weekdays: readonly Range[];
  /** 1 … 31; negative ones count from the end of the month. */
  readonly daysOfMonth: readonly Range[];
  /** 1 is January. */
  readonly months: readonly Range[];
  readonly years: readonly Range[];
  /** IANA name. */
  readonly location: string;
}

export function isWithin(interval: TimeInterval, timeMs: number): boolean {
  const { year, month, day, weekday, minute, daysInMonth } = partsOf(timeMs, interval.location);
  const holds = (ranges: readonly Range[], value: number) =>
    ranges.length === 0 || ranges.some(({ from, to }) => from <= value && value <= to);
  return (
    (interval.times.length === 0 || interval.times.some(({ from, to }) => from <= minute && minute < to)) &&
    (interval.daysOfMonth.length === 0 || interval.daysOfMonth.some((range) => isDay(range, day, daysInMonth))) &&
    holds(interval.months, month) &&
    holds(interval.weekdays, weekday) &&
    holds(interval.years, year)
  );
}

/** Days count from the end when they are negative; a range outside of the month is cut to it. */
function isDay({ from, to }: Range, day: number, daysInMonth: number): boolean {
  const at = (value: number) => (value < 0 ? daysInMonth + value + 1 : value);
  const first = at(from);
  const last = at(to);
  if (first > daysInMonth) return false;
  return Math.max(1, first) <= day && day <= Math.min(daysInMonth, last);
}

function partsOf(timeMs: number, location: string) {
  const parts = new Map(
    formatter(location)
      .formatToParts(timeMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const [year, month, day] = [parts.get('year')!, parts.get('month')!, parts.get('day')!];
  return {
    year,
    month,
    day,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    minute: parts.get('hour')! * 60 + parts.get('minute')!,
    daysInMonth: new Date(Date.UTC(year, month, 0)).getUTCDate(),
  };
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(location: string): Intl.DateTimeFormat {
  let known = formatters.get(location);
  if (known === undefined) {
    known = new Intl.DateTimeFormat('en-US', {
      timeZone: location,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formatters.set(location, known);
  }
  return known;
}

/** Formatters are made per name in configuration files: a name that is no zone throws here. */
export function zoneExists(location: string): boolean {
  try {
    formatter(location);
    return true;
  } catch {
    return false;
  }
}
