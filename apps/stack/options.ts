/** The flags that every long-running command takes, also as MARIO_* environment variables. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type LogLevel, parseGoDurationMs, parsePrometheusDurationMs, parseSizeBytes } from '@mario/service';
import { CommandFailure } from './command.ts';

export interface CommonOptions {
  /** Folder for everything that lasts; undefined keeps all in memory. */
  readonly dataDir: string | undefined;
  readonly configDir: string;
  readonly host: string;
  readonly portOffset: number;
  readonly retentionMs: number;
  readonly diskBytesMax: number;
  readonly memoryBytesMax: number;
  readonly logLevel: LogLevel;
  readonly metrics: MetricsOptions;
}

export interface MetricsOptions {
  /** Whether series can be deleted and snapshots taken by HTTP. */
  readonly adminApi: boolean;
  readonly startTimestamps: boolean;
  /** Names of the real server's features, as its `--enable-feature` has them. */
  readonly enabledFeatures: readonly string[];
  /** Series in all; more are refused when none is idle. */
  readonly seriesMax: number;
  /** Series of one job; 0 sets no limit. */
  readonly seriesPerJobMax: number;
}

interface OptionRow {
  readonly flag: string;
  readonly value?: string;
  readonly meaning: string;
}

export const COMMON_OPTIONS: readonly OptionRow[] = [
  { flag: 'data', value: 'DIR', meaning: 'where data is kept (.mario)' },
  { flag: 'ephemeral', meaning: 'keep everything in memory' },
  { flag: 'port-offset', value: 'N', meaning: 'added to every port (0)' },
  { flag: 'host', value: 'ADDRESS', meaning: 'address to listen on (127.0.0.1)' },
  { flag: 'config', value: 'DIR', meaning: 'configuration files (deploy)' },
  { flag: 'retention', value: 'DURATION', meaning: 'how long telemetry is kept (7d)' },
  { flag: 'disk', value: 'SIZE', meaning: 'disk space for telemetry, all signals (2GB)' },
  { flag: 'memory', value: 'SIZE', meaning: 'memory for telemetry, all signals (512MB)' },
  { flag: 'admin-api', meaning: 'allow deleting series and taking snapshots on the metrics port' },
  { flag: 'start-timestamps', meaning: 'keep since when counters count, and let rate() use it' },
  { flag: 'enable-feature', value: 'NAMES', meaning: "Prometheus' experimental features, with commas between them" },
  { flag: 'series-max', value: 'N', meaning: 'metrics series known at once, all jobs (2000000)' },
  { flag: 'series-per-job-max', value: 'N', meaning: 'metrics series of one job, 0 for no limit (0)' },
  { flag: 'log-level', value: 'LEVEL', meaning: 'debug, info, warn or error (info)' },
];

/** More would not fit into the memory of any machine: a series takes about a kilobyte. */
const SERIES_MAX = 100_000_000;

type Values = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Parses the common flags and the command's own. A flag wins over its environment variable (`--port-offset` over
 * MARIO_PORT_OFFSET). Throws CommandFailure naming the flag for a value that cannot be.
 */
export function parseOptions(
  args: readonly string[],
  own: NonNullable<ParseArgsConfig['options']> = {},
  env: NodeJS.ProcessEnv = process.env,
): { readonly common: CommonOptions; readonly own: Values; readonly operands: readonly string[] } {
  const declared = Object.fromEntries(
    COMMON_OPTIONS.map(({ flag, value }) => [flag, { type: value === undefined ? 'boolean' : 'string' } as const]),
  );
  const parsed = parseArgs({ args: [...args], options: { ...declared, ...own }, allowPositionals: true });
  const values: Values = { ...fromEnvironment({ ...declared, ...own }, env), ...(parsed.values as Values) };
  return { common: commonOptions(values), own: values, operands: parsed.positionals };
}

/** Common options as arguments again, for the processes that `mario up` starts. */
export function formatOptions(options: CommonOptions): string[] {
  return [
    ...(options.dataDir === undefined ? ['--ephemeral'] : ['--data', options.dataDir]),
    ...['--port-offset', String(options.portOffset), '--host', options.host, '--config', options.configDir],
    ...['--retention', `${options.retentionMs}ms`, '--disk', String(options.diskBytesMax)],
    ...['--memory', String(options.memoryBytesMax), '--log-level', options.logLevel],
    ...(options.metrics.adminApi ? ['--admin-api'] : []),
    ...(options.metrics.startTimestamps ? ['--start-timestamps'] : []),
    ...(options.metrics.enabledFeatures.length > 0
      ? ['--enable-feature', options.metrics.enabledFeatures.join(',')]
      : []),
    ...['--series-max', String(options.metrics.seriesMax)],
    ...['--series-per-job-max', String(options.metrics.seriesPerJobMax)],
  ];
}

function fromEnvironment(declared: NonNullable<ParseArgsConfig['options']>, env: NodeJS.ProcessEnv): Values {
  const found: Record<string, string | boolean> = {};
  for (const [flag, { type }] of Object.entries(declared)) {
    const value = env[`MARIO_${flag.toUpperCase().replaceAll('-', '_')}`];
    if (value !== undefined && value !== '')
      found[flag] = type === 'boolean' ? value !== 'false' && value !== '0' : value;
  }
  return found;
}

function commonOptions(values: Values): CommonOptions {
  return {
    dataDir: values.ephemeral === true ? undefined : String(values.data ?? '.mario'),
    configDir: String(values.config ?? 'deploy'),
    host: String(values.host ?? '127.0.0.1'),
    portOffset: wholeNumber('port-offset', values['port-offset'] ?? '0', 0, 50_000),
    retentionMs: parsed('retention', values.retention ?? '7d', durationMs, 'a duration such as 7d or 12h'),
    diskBytesMax: parsed('disk', values.disk ?? '2GB', parseSizeBytes, 'a size such as 2GB'),
    memoryBytesMax: parsed('memory', values.memory ?? '512MB', parseSizeBytes, 'a size such as 512MB'),
    logLevel: parsed('log-level', values['log-level'] ?? 'info', logLevel, 'debug, info, warn or error'),
    metrics: {
      adminApi: values['admin-api'] === true,
      startTimestamps: values['start-timestamps'] === true,
      enabledFeatures: String(values['enable-feature'] ?? '')
        .split(',')
        .filter((name) => name !== ''),
      seriesMax: wholeNumber('series-max', values['series-max'] ?? '2000000', 1, SERIES_MAX),
      seriesPerJobMax: wholeNumber('series-per-job-max', values['series-per-job-max'] ?? '0', 0, SERIES_MAX),
    },
  };
}

export function wholeNumber(flag: string, value: string | boolean, min: number, max: number): number {
  const number = Number(value);
  if (typeof value === 'string' && Number.isInteger(number) && number >= min && number <= max) return number;
  throw new CommandFailure(`--${flag} must be a whole number from ${min} to ${max}, is ${String(value)}`, 2);
}

function parsed<T>(flag: string, value: string | boolean, parse: (text: string) => T | undefined, wanted: string): T {
  const result = typeof value === 'string' ? parse(value) : undefined;
  if (result !== undefined) return result;
  throw new CommandFailure(`--${flag} must be ${wanted}, is ${String(value)}`, 2);
}

function durationMs(text: string): number | undefined {
  const value = parsePrometheusDurationMs(text) ?? parseGoDurationMs(text);
  return value !== undefined && value > 0 ? value : undefined;
}

function logLevel(text: string): LogLevel | undefined {
  return (['debug', 'info', 'warn', 'error'] as const).find((level) => level === text);
}
