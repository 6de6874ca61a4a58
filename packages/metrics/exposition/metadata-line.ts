/** `# HELP`, `# TYPE` and `# UNIT` lines of both formats; other comments are passed over. */
import type { MetricMetadata } from '../queryable.ts';
import { ExpositionError } from './exposition-error.ts';
import type { ExpositionFormat } from './scraped-samples.ts';
import { text, unescapeText } from './series-text.ts';

export interface MetadataLine {
  readonly family: string;
  readonly change: Partial<MetricMetadata>;
}

const TYPES: Readonly<Record<string, MetricMetadata['type']>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  unknown: 'unknown',
  untyped: 'unknown',
};

const LINE = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|[^\s]+)(?:[ \t](.*))?$/s;

/** `end` is after the line end. Undefined for a comment without meaning. */
export function parseMetadataLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  format: ExpositionFormat,
  line: number,
): MetadataLine | undefined {
  const raw = text(bytes, start, bytes[end - 1] === 10 ? end - 1 : end, line);
  const match = LINE.exec(raw);
  if (match === null) {
    if (format === 'openmetrics')
      throw new ExpositionError(line, `expected HELP, TYPE, UNIT or EOF, got ${JSON.stringify(raw.slice(0, 40))}`);
    return undefined;
  }
  const quoted = match[2]!;
  const family = quoted.startsWith('"') ? unescapeText(quoted.slice(1, -1)) : quoted;
  const rest = match[3] ?? '';
  switch (match[1]) {
    case 'HELP':
      return { family, change: { help: unescapeHelp(rest.trimStart(), format) } };
    case 'UNIT':
      return format === 'openmetrics' ? { family, change: { unit: rest } } : undefined;
    default: {
      const type = TYPES[rest.trim()];
      if (type === undefined) throw new ExpositionError(line, `invalid metric type ${JSON.stringify(rest.trim())}`);
      return { family, change: { type } };
    }
  }
}

function unescapeHelp(escaped: string, format: ExpositionFormat): string {
  if (format === 'openmetrics') return unescapeText(escaped);
  return escaped.replace(/\\([\\n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
