/** The names that every query may use without declaring them: `$__interval`, `$__rate_interval`, `$__range`, … */
import { formatDuration } from '../time/duration.ts';
import type { TimeRange } from '../time/time-range.ts';
import type { VariableBinding } from './interpolate.ts';

export interface MacroContext {
  readonly range: TimeRange;
  readonly intervalMs: number;
  readonly rateIntervalMs: number;
  readonly dashboard: { readonly uid: string; readonly title: string };
  readonly timezone: string;
}

/** `path`: the part of an object that is meant, `uid` of `${__dashboard.uid}`. */
export function macroBinding(name: string, context: MacroContext, path?: string): VariableBinding | undefined {
  const value = macroValue(name, context, path);
  return value === undefined ? undefined : { value, text: value, multi: false };
}

function macroValue(name: string, context: MacroContext, path: string | undefined): string | undefined {
  const { range } = context;
  const rangeMs = range.toMs - range.fromMs;
  switch (name) {
    case '__interval':
    case '__auto':
      return formatDuration(context.intervalMs);
    case '__interval_ms':
      return String(context.intervalMs);
    case '__rate_interval':
      return formatDuration(context.rateIntervalMs);
    case '__rate_interval_ms':
      return String(context.rateIntervalMs);
    case '__range':
      return `${Math.round(rangeMs / 1000)}s`;
    case '__range_s':
      return String(Math.round(rangeMs / 1000));
    case '__range_ms':
      return String(rangeMs);
    case '__from':
      return String(range.fromMs);
    case '__to':
      return String(range.toMs);
    case '__dashboard':
      return path === 'uid' ? context.dashboard.uid : context.dashboard.title;
    case '__timezone':
      return context.timezone;
    case '__org':
      return path === 'name' ? 'Main Org.' : '1';
    case '__user':
      return path === undefined || path === 'id' ? '1' : path === 'email' ? 'admin@localhost' : 'admin';
    case '__url_time_range':
      return `from=${range.fromMs}&to=${range.toMs}`;
    default:
      return undefined;
  }
}
