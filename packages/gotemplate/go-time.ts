/** Times as Go formats and reads them: layouts written as the reference time Mon Jan 2 15:04:05 MST 2006. */

export interface GoTime {
  /** Since 1970 UTC. */
  readonly ns: bigint;
  /** IANA name, or 'UTC'. */
  readonly zone: string;
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Longest first where one token begins another. */
const layoutToken =
  /January|Jan|Monday|Mon|MST|2006|-07:00:00|-07:00|-070000|-0700|-07|Z07:00:00|Z07:00|Z070000|Z0700|Z07|002|01|02|03|04|05|06|15|PM|pm|_2|[.,](?:0+|9+)(?!\d)|1|2|3|4|5/g;

interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
  readonly fraction: bigint;
  readonly offsetMinutes: number;
  readonly zoneName: string;
}

const zones = new Map<string, Intl.DateTimeFormat>();

/** The named zone's formatter, or undefined when there is no such zone. */
function zoneFormat(zone: string): Intl.DateTimeFormat | undefined {
  let format = zones.get(zone);
  if (format !== undefined) return format;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  zones.set(zone, format);
  return format;
}

export function zoneExists(zone: string): boolean {
  return zoneFormat(zone) !== undefined;
}

const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b));

/** Minutes east of UTC at that moment. */
function offsetMinutes(seconds: number, zone: string): number {
  if (zone === 'UTC' || zone === '') return 0;
  const parts = new Map(
    zoneFormat(zone)
      ?.formatToParts(new Date(seconds * 1000))
      .map((part) => [part.type, Number(part.value)]),
  );
  if (parts.size === 0) return 0;
  const local = Date.UTC(
    parts.get('year')!,
    parts.get('month')! - 1,
    parts.get('day'),
    parts.get('hour'),
    parts.get('minute'),
    parts.get('second'),
  );
  return Math.round((local / 1000 - seconds) / 60);
}

function zoneName(seconds: number, zone: string): string {
  if (zone === 'UTC' || zone === '') return 'UTC';
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' });
  return format.formatToParts(new Date(seconds * 1000)).find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

function fieldsOf(time: GoTime): Fields {
  const whole = floorDiv(time.ns, 1_000_000_000n);
  const seconds = Number(whole);
  const offset = offsetMinutes(seconds, time.zone);
  const date = new Date((seconds + offset * 60) * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
    fraction: time.ns - whole * 1_000_000_000n,
    offsetMinutes: offset,
    zoneName: zoneName(seconds, time.zone),
  };
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

export function formatGoTime(time: GoTime, layout: string): string {
  const fields = fieldsOf(time);
  return layout.replace(layoutToken, (token) => formatToken(token, fields));
}

function formatToken(token: string, fields: Fields): string {
  const hour12 = fields.hour % 12 === 0 ? 12 : fields.hour % 12;
  switch (token) {
    case 'January':
      return months[fields.month - 1]!;
    case 'Jan':
      return months[fields.month - 1]!.slice(0, 3);
    case 'Monday':
      return weekdays[fields.weekday]!;
    case 'Mon':
      return weekdays[fields.weekday]!.slice(0, 3);
    case 'MST':
      return fields.zoneName;
    case '2006':
      return pad(fields.year, 4);
    case '06':
      return pad(fields.year % 100, 2);
    case '01':
      return pad(fields.month, 2);
    case '1':
      return String(fields.month);
    case '02':
      return pad(fields.day, 2);
    case '_2':
      return String(fields.day).padStart(2, ' ');
    case '2':
      return String(fields.day);
    case '002':
      return pad(
        Math.floor((Date.UTC(fields.year, fields.month - 1, fields.day) - Date.UTC(fields.year, 0, 1)) / 86_400_000) +
          1,
        3,
      );
    case '15':
      return pad(fields.hour, 2);
    case '03':
      return pad(hour12, 2);
    case '3':
      return String(hour12);
    case '04':
      return pad(fields.minute, 2);
    case '4':
      return String(fields.minute);
    case '05':
      return pad(fields.second, 2);
    case '5':
      return String(fields.second);
    case 'PM':
      return fields.hour < 12 ? 'AM' : 'PM';
    case 'pm':
      return fields.hour < 12 ? 'am' : 'pm';
    default:
      return token.startsWith('.') || token.startsWith(',')
        ? formatFraction(token, fields.fraction)
        : formatOffset(token, fields.offsetMinutes);
  }
}

function formatFraction(token: string, fraction: bigint): string {
  const digits = pad(Number(fraction), 9).slice(0, token.length - 1);
  if (token[1] === '0') return token[0]! + digits;
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '' : token[0]! + trimmed;
}

function formatOffset(token: string, minutes: number): string {
  if (token.startsWith('Z') && minutes === 0) return 'Z';
  const sign = minutes < 0 ? '-' : '+';
  const hours = pad(Math.floor(Math.abs(minutes) / 60), 2);
  const rest = pad(Math.abs(minutes) % 60, 2);
  const separator = token.includes(':') ? ':' : '';
  if (token.length === 3) return sign + hours;
  const seconds = /\d\d.?\d\d.?\d\d$/.test(token) ? `${separator}00` : '';
  return `${sign}${hours}${separator}${rest}${seconds}`;
}

const tokenPatterns: Readonly<Record<string, string>> = {
  January: `(${months.join('|')})`,
  Jan: `(${months.map((month) => month.slice(0, 3)).join('|')})`,
  Monday: `(${weekdays.join('|')})`,
  Mon: `(${weekdays.map((day) => day.slice(0, 3)).join('|')})`,
  MST: '([A-Z]{3,5}|[+-]\\d{2})',
  '2006': '(\\d{4})',
  '002': '(\\d{3})',
  PM: '(AM|PM)',
  pm: '(am|pm)',
  '15': '(\\d{1,2})',
};

/** Reads a time by its layout; undefined when the text does not fit. Without an offset it is in `zone`. */
export function parseGoTime(layout: string, text: string, zone: string): GoTime | undefined {
  const tokens: string[] = [];
  let pattern = '^';
  let last = 0;
  for (const match of layout.matchAll(layoutToken)) {
    pattern += escapeRegex(layout.slice(last, match.index)) + patternOf(match[0]);
    tokens.push(match[0]);
    last = match.index + match[0].length;
  }
  pattern += `${escapeRegex(layout.slice(last))}$`;
  const found = new RegExp(pattern).exec(text);
  return found === null ? undefined : assemble(tokens, found.slice(1), zone);
}

const escapeRegex = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

function patternOf(token: string): string {
  const known = tokenPatterns[token];
  if (known !== undefined) return known;
  if (token.startsWith('Z')) return '(Z|[+-]\\d{2}(?::?\\d{2}){0,2})';
  if (token.startsWith('-')) return '([+-]\\d{2}(?::?\\d{2}){0,2})';
  if (token.startsWith('.') || token.startsWith(',')) return '([.,]\\d+)?';
  // Go accepts fractional seconds behind the seconds even where the layout has none.
  if (token === '05' || token === '5') return '(\\d{1,2}(?:[.,]\\d+)?)';
  return token === '_2' ? ' ?(\\d{1,2})' : '(\\d{1,2})';
}

function assemble(tokens: readonly string[], texts: readonly (string | undefined)[], zone: string): GoTime | undefined {
  let [year, month, day, hour, minute, second] = [0, 1, 1, 0, 0, 0];
  let fraction = 0n;
  let offset: number | undefined;
  let half = '';
  tokens.forEach((token, at) => {
    const text = texts[at] ?? '';
    if (token === '2006') year = Number(text);
    else if (token === '06') year = Number(text) + (Number(text) >= 69 ? 1900 : 2000);
    else if (token === 'January' || token === 'Jan') month = months.findIndex((name) => name.startsWith(text)) + 1;
    else if (token === '01' || token === '1') month = Number(text);
    else if (token === '02' || token === '2' || token === '_2') day = Number(text);
    else if (token === '15' || token === '03' || token === '3') hour = Number(text);
    else if (token === '04' || token === '4') minute = Number(text);
    else if (token === '05' || token === '5') {
      const [whole, rest = ''] = text.split(/[.,]/);
      second = Number(whole);
      if (rest !== '') fraction = BigInt(rest.padEnd(9, '0').slice(0, 9));
    } else if (token === 'PM' || token === 'pm') half = text.toUpperCase();
    else if (/^[.,]/.test(token)) fraction = text === '' ? fraction : BigInt(text.slice(1).padEnd(9, '0').slice(0, 9));
    else if (/^[Z-]\d?/.test(token)) offset = readOffset(text);
    else if (token === 'MST' && (text === 'UTC' || text === 'GMT')) offset = 0;
  });
  if (half !== '') hour = (hour % 12) + (half === 'PM' ? 12 : 0);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
  const minutes = offset ?? offsetMinutes(seconds - offsetMinutes(seconds, zone) * 60, zone);
  return { ns: BigInt(seconds - minutes * 60) * 1_000_000_000n + fraction, zone: offset === undefined ? zone : 'UTC' };
}

function readOffset(text: string): number {
  if (text === 'Z') return 0;
  const digits = text.slice(1).replaceAll(':', '');
  return (text[0] === '-' ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4) || '0'));
}
