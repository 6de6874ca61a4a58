/** The log lines of a server: one line of logfmt each, to standard error, as Prometheus and Loki write theirs. */
import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines carry these fields too. */
  child(fields: LogFields): Log;
}

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Longer values are cut: a log line is read by people and must not repeat a whole request. */
const VALUE_CHARS_MAX = 2_000;

export interface LogOptions {
  readonly level?: LogLevel;
  readonly clock: Clock;
  /** Receives whole lines without the line end; standard error when absent. */
  readonly write?: (line: string) => void;
}

export function createLog(options: LogOptions): Log {
  const write = options.write ?? ((line: string) => void process.stderr.write(line + '\n'));
  return logWith(options.clock, RANKS[options.level ?? 'info'], write, '');
}

/** For tests and tools that want quiet. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};

function logWith(clock: Clock, rankMin: number, write: (line: string) => void, fixed: string): Log {
  const at = (level: LogLevel) => {
    if (RANKS[level] < rankMin) return () => {};
    return (message: string, fields?: LogFields) => {
      const time = new Date(clock.nowMs()).toISOString();
      write(`time=${time} level=${level}${fixed} msg=${quoted(message)}${fields ? formatFields(fields) : ''}`);
    };
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => logWith(clock, rankMin, write, fixed + formatFields(fields)),
  };
}

function formatFields(fields: LogFields): string {
  let text = '';
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) text += ` ${key}=${quoted(asText(value))}`;
  }
  return text;
}

function asText(value: unknown): string {
  if (value instanceof Error) return value.message;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

function quoted(text: string): string {
  const cut = text.length > VALUE_CHARS_MAX ? text.slice(0, VALUE_CHARS_MAX) + '…' : text;
  return /^[^\s"=\\\p{Cc}]+$/u.test(cut) ? cut : JSON.stringify(cut);
}
