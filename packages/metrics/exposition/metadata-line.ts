/** `# HELP`, `# TYPE` and `# UNIT` lines of both formats; other comments of the text format are passed over. */
import type { MetricMetadata } from '../queryable.ts';
import { ExpositionError } from './exposition-error.ts';
import type { ExpositionFormat } from './scraped-samples.ts';
import { text, unescapeText } from './series-text.ts';

export interface MetadataLine {
  readonly family: string;
  readonly change: Partial<MetricMetadata>;
}

type Types = Readonly<Record<string, MetricMetadata['type']>>;

const TEXT_TYPES: Types = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  untyped: 'unknown',
};

const OPEN_METRICS_TYPES: Types = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  unknown: 'unknown',
};

const TEXT_KEYWORD = /^#[ \t]+(HELP|TYPE)[ \t]+/;
const OPEN_METRICS_KEYWORD = /^# (HELP|TYPE|UNIT) /;

/** A name, and what stands behind it: the character that ends the name is no part of the text. */
const NAME_AND_TEXT = /^("(?:[^"\\]|\\.)*"|[a-zA-Z_:][a-zA-Z0-9_:]*)(.?)(.*)$/s;

/** `end` is after the line end. Undefined for a comment without meaning. */
export function parseMetadataLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  format: ExpositionFormat,
  line: number,
): MetadataLine | undefined {
  const isText = format === 'text';
  // Comments without meaning may hold any bytes.
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  const keyword = (isText ? TEXT_KEYWORD : OPEN_METRICS_KEYWORD).exec(raw);
  if (keyword === null) {
    if (isText) return undefined;
    throw new ExpositionError(line, `expected HELP, TYPE, UNIT or EOF, got ${JSON.stringify(raw.slice(0, 40))}`);
  }
  const rest = raw.slice(keyword[0].length).replace(/\n$/, '');
  const match = NAME_AND_TEXT.exec(rest);
  if (match === null) {
    throw new ExpositionError(
      line,
      `expected metric name after ${keyword[1]}, got ${JSON.stringify(rest.slice(0, 40))}`,
    );
  }
  const [, quoted = '', separator, behind = ''] = match;
  if (!isText && separator !== ' ') throw new ExpositionError(line, `expected text in ${keyword[1]}`);
  const from = start + keyword[0].length;
  const behindFrom = from + rest.length - behind.length;
  const words = isText && /^[ \t]*$/.test(behind) ? '' : text(bytes, behindFrom, from + rest.length, line);
  const name = text(bytes, from, from + quoted.length, line);
  const bare = name.startsWith('"') ? name.slice(1, -1) : name;
  return { family: unescapeText(bare), change: changeOf(keyword[1]!, bare, words, isText, line) };
}

function changeOf(
  keyword: string,
  name: string,
  words: string,
  isText: boolean,
  line: number,
): Partial<MetricMetadata> {
  if (keyword === 'HELP') return { help: isText ? unescapeHelp(words) : unescapeText(words) };
  if (keyword === 'UNIT') {
    if (words !== '' && !name.endsWith(`_${words}`)) {
      throw new ExpositionError(line, `unit ${JSON.stringify(words)} not a suffix of metric ${JSON.stringify(name)}`);
    }
    return { unit: words };
  }
  const types = isText ? TEXT_TYPES : OPEN_METRICS_TYPES;
  const type = Object.hasOwn(types, words) ? types[words] : undefined;
  if (type === undefined) throw new ExpositionError(line, `invalid metric type ${JSON.stringify(words)}`);
  return { type };
}

function unescapeHelp(escaped: string): string {
  return escaped.replace(/\\([\\n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
