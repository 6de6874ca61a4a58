/** Answers of the three stores as text for people: one row a series, a log line or a trace. */
import type { Language } from './ask.ts';

type Labels = Readonly<Record<string, string>>;

interface PrometheusAnswer {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
  readonly data: {
    readonly resultType: string;
    readonly result: unknown;
  };
}

interface Stream {
  readonly stream: Labels;
  readonly values: readonly (readonly [string, string])[];
}

interface Matrix {
  readonly metric: Labels;
  readonly values?: readonly (readonly [number, string])[];
  readonly value?: readonly [number, string];
  readonly histogram?: readonly [number, unknown];
}

interface FoundTrace {
  readonly traceID: string;
  readonly rootServiceName?: string;
  readonly rootTraceName?: string;
  readonly startTimeUnixNano?: string;
  readonly durationMs?: number;
}

export function formatAnswer(language: Language, answer: unknown): string {
  if (language === 'traceql') return formatTraces((answer as { traces?: readonly FoundTrace[] }).traces ?? []);
  const { data, warnings = [], infos = [] } = answer as PrometheusAnswer;
  const notes = [...warnings.map((text) => `warning: ${text}\n`), ...infos.map((text) => `info: ${text}\n`)];
  return formatResult(data.resultType, data.result) + notes.join('');
}

function formatResult(type: string, result: unknown): string {
  if (type === 'scalar' || type === 'string') return `${(result as readonly [number, string])[1]}\n`;
  const rows = result as readonly (Matrix | Stream)[];
  if (rows.length === 0) return 'no results\n';
  if (type === 'streams') return formatStreams(rows as readonly Stream[]);
  return align((rows as readonly Matrix[]).map((row) => [formatLabels(row.metric), formatValues(row)]));
}

function formatStreams(streams: readonly Stream[]): string {
  const lines = streams.flatMap(({ stream, values }) =>
    values.map(([ns, line]) => ({
      ns: BigInt(ns),
      text: `${isoTime(BigInt(ns))}  ${formatLabels(stream)}  ${line}\n`,
    })),
  );
  lines.sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));
  return lines.map(({ text }) => text).join('');
}

function formatTraces(traces: readonly FoundTrace[]): string {
  if (traces.length === 0) return 'no results\n';
  return align(
    traces.map((trace) => [
      trace.traceID,
      isoTime(BigInt(trace.startTimeUnixNano ?? 0)),
      `${trace.durationMs ?? 0} ms`,
      `${trace.rootServiceName ?? ''}: ${trace.rootTraceName ?? ''}`,
    ]),
  );
}

function formatValues({ value, values, histogram }: Matrix): string {
  if (value !== undefined) return value[1];
  if (histogram !== undefined) return JSON.stringify(histogram[1]);
  return (values ?? []).map(([seconds, text]) => `${text} @${seconds}`).join(' ');
}

function formatLabels(labels: Labels): string {
  const { __name__: name = '', ...rest } = labels;
  const pairs = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return pairs.length > 0 || name === '' ? `${name}{${pairs.join(', ')}}` : name;
}

function isoTime(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}

/** Columns as wide as their widest cell; the last one as it is. */
function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  ') + '\n')
    .join('');
}
