/** Reads `time_intervals`: ranges of times, weekdays, days, months and years in the words of Alertmanager's file. */
import type { ConfigNode } from '@mario/service';
import { type Range, type TimeInterval, zoneExists } from '../time-interval.ts';

export interface NamedTimeIntervals {
  readonly name: string;
  readonly intervals: readonly TimeInterval[];
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

/** `key` is `time_intervals` or the older `mute_time_intervals`. */
export function readTimeIntervals(
  node: ConfigNode | undefined,
  key: 'time' | 'mute time',
  names: Set<string>,
): readonly NamedTimeIntervals[] {
  return (node?.list() ?? []).map((each) => {
    const fields = each.fields({ name: 'used', time_intervals: 'used' });
    const name = fields.name?.string() ?? '';
    if (name === '') each.error(`missing name in ${key} interval`);
    else if (names.has(name)) fields.name!.error(`${key} interval "${name}" is not unique`);
    names.add(name);
    return { name, intervals: (fields.time_intervals?.list() ?? []).map(readInterval) };
  });
}

function readInterval(node: ConfigNode): TimeInterval {
  const fields = node.fields({
    times: 'used',
    weekdays: 'used',
    days_of_month: 'used',
    months: 'used',
    years: 'used',
    location: 'used',
  });
  const ranges = (list: ConfigNode | undefined, read: (text: string) => Range | string) =>
    (list?.list() ?? []).flatMap((item) => {
      const range = read((item.string() ?? '').toLowerCase());
      if (typeof range !== 'string') return [range];
      item.error(range);
      return [];
    });
  const location = fields.location?.string() || 'UTC';
  // The zone of the process, where Go reads it from the environment too.
  const zone = location === 'Local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : location;
  const known = zoneExists(zone);
  if (!known) fields.location!.error(`unknown time zone ${location}`);
  return {
    times: (fields.times?.list() ?? []).flatMap((item) => readTimes(item) ?? []),
    weekdays: ranges(fields.weekdays, readWeekdays),
    daysOfMonth: ranges(fields.days_of_month, readDays),
    months: ranges(fields.months, readMonths),
    years: ranges(fields.years, readYears),
    location: known ? zone : 'UTC',
  };
}

function readTimes(node: ConfigNode): Range | undefined {
  const fields = node.fields({ start_time: 'used', end_time: 'used' });
  const from = readMinute(fields.start_time);
  const to = readMinute(fields.end_time);
  if (fields.start_time === undefined || fields.end_time === undefined) {
    node.error('both start and end times must be provided');
  }
  if (from === undefined || to === undefined) return undefined;
  if (from < to) return { from, to };
  node.error('start time cannot be equal or greater than end time');
  return undefined;
}

function readMinute(node: ConfigNode | undefined): number | undefined {
  const text = node?.string();
  if (text === undefined) return undefined;
  const match = /^(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$/.exec(text);
  if (match === null) {
    node!.error(`couldn't parse timestamp ${text}, invalid format`);
    return undefined;
  }
  return Number(match[1] ?? match[3]) * 60 + Number(match[2] ?? match[4]);
}

/** `a:b` or `a`. */
function split(text: string): readonly [string, string] {
  const [from = '', to] = text.split(':');
  return [from, to ?? from];
}

function readWeekdays(text: string): Range | string {
  const [start, end] = split(text);
  const [from, to] = [WEEKDAYS.indexOf(start), WEEKDAYS.indexOf(end)];
  if (from < 0) return `${start} is not a valid weekday`;
  if (to < 0) return `${end} is not a valid weekday`;
  return from > to ? 'start day cannot be before end day' : { from, to };
}

function readDays(text: string): Range | string {
  const [start, end] = split(text);
  for (const day of [start, end]) {
    if (!/^-?\d+$/.test(day)) return `${day} is not a valid day of the month`;
    const number = Number(day);
    if (number === 0 || number < -31 || number > 31) return `${day} is not a valid day of the month: out of range`;
  }
  const [from, to] = [Number(start), Number(end)];
  if (from < 0 && to > 0) return `end day must be negative if start day is negative`;
  return from > 0 === to > 0 && from > to ? `end day ${to} is always before start day ${from}` : { from, to };
}

function readMonths(text: string): Range | string {
  const [start, end] = split(text);
  const month = (word: string) => (/^(?:[1-9]|1[0-2])$/.test(word) ? Number(word) : MONTHS.indexOf(word) + 1);
  const [from, to] = [month(start), month(end)];
  if (from < 1) return `${start} is not a valid month`;
  if (to < 1) return `${end} is not a valid month`;
  return from > to ? `end month ${end} is before start month ${start}` : { from, to };
}

function readYears(text: string): Range | string {
  const [start, end] = split(text);
  for (const year of [start, end]) if (!/^\d+$/.test(year)) return `${year} is not a valid year`;
  const [from, to] = [Number(start), Number(end)];
  return from > to ? `end year ${to} is before start year ${from}` : { from, to };
}
