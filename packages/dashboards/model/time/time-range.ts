/** Grafana's time ranges: `now-6h`, `now/d`, `now-1M/M`, epoch milliseconds and ISO dates. */
import { parseDurationMs } from './duration.ts';

/** As in the address: relative ranges stay relative, so that a refresh moves them. */
export interface RawTimeRange {
  readonly from: string;
  readonly to: string;
}

export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Wall clocks show local time or UTC; the start of a day depends on it. */
export type Zone = 'local' | 'utc';

export class TimeRangeError extends Error {
  override readonly name = 'TimeRangeError';
}

const RELATIVE = /^now((?:[+-]\d+[smhdwMQy])*)(?:\/([smhdwMQy]))?$/;

/** Throws TimeRangeError that names the part which is no time, or when the range is empty. */
export function resolveTimeRange(raw: RawTimeRange, nowMs: number, zone: Zone = 'local'): TimeRange {
  const fromMs = resolveTime(raw.from, nowMs, false, zone);
  const toMs = resolveTime(raw.to, nowMs, true, zone);
  if (toMs <= fromMs)
    throw new TimeRangeError(`the range is empty: it ends (${raw.to}) before it starts (${raw.from})`);
  return { fromMs, toMs };
}

/** `roundUp`: `/d` means the end of the day, not its start. */
export function resolveTime(text: string, nowMs: number, roundUp: boolean, zone: Zone = 'local'): number {
  const trimmed = text.trim();
  const relative = RELATIVE.exec(trimmed);
  if (relative !== null) {
    const date = new Date(nowMs);
    for (const [, sign, amount, unit] of relative[1]!.matchAll(/([+-])(\d+)([smhdwMQy])/g)) {
      shift(date, (sign === '-' ? -1 : 1) * Number(amount), unit!, zone);
    }
    if (relative[2] !== undefined) round(date, relative[2], roundUp, zone);
    return date.getTime();
  }
  if (/^\d{5,}$/.test(trimmed)) return Number(trimmed);
  const parsed = Date.parse(
    zone === 'utc' && /^\d{4}-\d\d-\d\d( |T)\d\d:\d\d(:\d\d)?$/.test(trimmed)
      ? trimmed.replace(' ', 'T') + 'Z'
      : trimmed.replace(' ', 'T'),
  );
  if (Number.isNaN(parsed))
    throw new TimeRangeError(`"${text}" is no time: write now-6h, 2026-01-31 18:00 or epoch milliseconds`);
  return parsed;
}

function shift(date: Date, amount: number, unit: string, zone: Zone): void {
  const months = unit === 'M' ? amount : unit === 'Q' ? amount * 3 : unit === 'y' ? amount * 12 : 0;
  if (months !== 0) {
    shiftMonths(date, months, zone);
    return;
  }
  if ((unit === 'd' || unit === 'w') && zone === 'local') {
    date.setDate(date.getDate() + amount * (unit === 'w' ? 7 : 1));
    return;
  }
  date.setTime(date.getTime() + amount * parseDurationMs(`1${unit}`)!);
}

/** A month before the 31st is the last day of the month before. */
function shiftMonths(date: Date, months: number, zone: Zone): void {
  const utc = zone === 'utc';
  const day = utc ? date.getUTCDate() : date.getDate();
  if (utc) date.setUTCMonth(date.getUTCMonth() + months);
  else date.setMonth(date.getMonth() + months);
  if ((utc ? date.getUTCDate() : date.getDate()) === day) return;
  if (utc) date.setUTCDate(0);
  else date.setDate(0);
}

function round(date: Date, unit: string, up: boolean, zone: Zone): void {
  const offsetMs = zone === 'local' ? date.getTimezoneOffset() * 60_000 : 0;
  const wall = new Date(date.getTime() - offsetMs);
  floorWall(wall, unit);
  if (up) {
    shift(wall, 1, unit, 'utc');
    wall.setTime(wall.getTime() - 1);
  }
  const guess = new Date(wall.getTime() + offsetMs);
  const correctedMs = zone === 'local' ? guess.getTimezoneOffset() * 60_000 - offsetMs : 0;
  date.setTime(guess.getTime() + correctedMs);
}

/** `wall` shows wall-clock fields as if they were UTC. Weeks start on Sunday, as in Grafana's default locale. */
function floorWall(wall: Date, unit: string): void {
  if (unit === 's') wall.setUTCMilliseconds(0);
  else if (unit === 'm') wall.setUTCSeconds(0, 0);
  else if (unit === 'h') wall.setUTCMinutes(0, 0, 0);
  else wall.setUTCHours(0, 0, 0, 0);
  if (unit === 'w') wall.setUTCDate(wall.getUTCDate() - wall.getUTCDay());
  if (unit === 'M' || unit === 'Q' || unit === 'y') wall.setUTCDate(1);
  if (unit === 'Q') wall.setUTCMonth(Math.floor(wall.getUTCMonth() / 3) * 3);
  if (unit === 'y') wall.setUTCMonth(0);
}

/** What the picker offers, in Grafana's words. */
export const quickRanges: readonly (RawTimeRange & { readonly label: string })[] = [
  { from: 'now-5m', to: 'now', label: 'Last 5 minutes' },
  { from: 'now-15m', to: 'now', label: 'Last 15 minutes' },
  { from: 'now-30m', to: 'now', label: 'Last 30 minutes' },
  { from: 'now-1h', to: 'now', label: 'Last 1 hour' },
  { from: 'now-3h', to: 'now', label: 'Last 3 hours' },
  { from: 'now-6h', to: 'now', label: 'Last 6 hours' },
  { from: 'now-12h', to: 'now', label: 'Last 12 hours' },
  { from: 'now-24h', to: 'now', label: 'Last 24 hours' },
  { from: 'now-2d', to: 'now', label: 'Last 2 days' },
  { from: 'now-7d', to: 'now', label: 'Last 7 days' },
  { from: 'now-30d', to: 'now', label: 'Last 30 days' },
  { from: 'now-90d', to: 'now', label: 'Last 90 days' },
  { from: 'now/d', to: 'now', label: 'Today so far' },
  { from: 'now-1d/d', to: 'now-1d/d', label: 'Yesterday' },
  { from: 'now/w', to: 'now', label: 'This week so far' },
  { from: 'now/M', to: 'now', label: 'This month so far' },
];

export function describeRange(raw: RawTimeRange): string {
  const quick = quickRanges.find((range) => range.from === raw.from && range.to === raw.to);
  if (quick !== undefined) return quick.label;
  const last = raw.to === 'now' ? /^now-(\d+)([smhdwMy])$/.exec(raw.from) : null;
  if (last === null) return `${describeTime(raw.from)} to ${describeTime(raw.to)}`;
  const unit = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week', M: 'month', y: 'year' }[last[2]!]!;
  return `Last ${last[1]} ${unit}${last[1] === '1' ? '' : 's'}`;
}

function describeTime(text: string): string {
  if (!/^\d{5,}$/.test(text)) return text;
  const date = new Date(Number(text));
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}
