/** Parses the metrics half of a query: aggregation, second stages, hints. */

import type { ComparisonOperator, Field, Hint, MetricsFunction, MetricsStage, SecondStage } from './ast.ts';
import { parseFieldName, parseSpansetFilter, takeStatic } from './field-parser.ts';
import type { TokenStream } from './token-stream.ts';

const FUNCTIONS: ReadonlySet<string> = new Set<MetricsFunction>([
  'rate',
  'count_over_time',
  'min_over_time',
  'max_over_time',
  'avg_over_time',
  'sum_over_time',
  'quantile_over_time',
  'histogram_over_time',
]);

const COMPARISONS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);

/** How many values `compare()` gives for each attribute when the query does not say. */
const COMPARE_TOP_N = 10;

export function isMetricsFunction(tokens: TokenStream): boolean {
  const { type, text } = tokens.current;
  return type === 'word' && (FUNCTIONS.has(text) || text === 'compare');
}

export function parseMetrics(tokens: TokenStream): { metrics: MetricsStage; secondStages: SecondStage[] } {
  const metrics = tokens.is('compare') ? parseCompare(tokens) : parseAggregation(tokens);
  const secondStages: SecondStage[] = [];
  takeFilter(tokens, secondStages);
  while (tokens.takeIf('|')) {
    secondStages.push(parseLimit(tokens));
    takeFilter(tokens, secondStages);
  }
  return { metrics, secondStages };
}

/** `with(name=value, …)` at the end, if it is there. */
export function parseHints(tokens: TokenStream): Hint[] {
  const hints: Hint[] = [];
  if (!tokens.takeIf('with')) return hints;
  tokens.expect('(');
  do {
    if (tokens.current.type !== 'word') throw tokens.unexpected('IDENTIFIER');
    const name = tokens.take().text;
    tokens.expect('=');
    const value = takeStatic(tokens);
    if (value === undefined) throw tokens.unexpected('a value');
    hints.push({ name, value });
  } while (tokens.takeIf(','));
  tokens.expect(')');
  return hints;
}

function parseAggregation(tokens: TokenStream): MetricsStage {
  const name = tokens.take().text as MetricsFunction;
  tokens.expect('(');
  const counts = name === 'rate' || name === 'count_over_time';
  const field = counts ? undefined : parseFieldName(tokens);
  const quantiles: number[] = [];
  if (name === 'quantile_over_time') {
    do {
      tokens.expect(',');
      quantiles.push(parseQuantile(tokens));
    } while (tokens.is(','));
  }
  tokens.expect(')');
  const by = tokens.takeIf('by') ? parseFieldList(tokens) : [];
  return { kind: 'aggregation', function: name, ...(field === undefined ? {} : { field }), quantiles, by };
}

function parseCompare(tokens: TokenStream): MetricsStage {
  tokens.expect('compare');
  tokens.expect('(');
  const filter = parseSpansetFilter(tokens);
  const numbers: number[] = [];
  while (numbers.length < 3 && tokens.takeIf(',')) {
    if (tokens.current.type !== 'int') throw tokens.unexpected('INTEGER');
    numbers.push(Number(tokens.current.value));
    tokens.take();
  }
  if (numbers.length === 2) throw tokens.unexpected(',');
  tokens.expect(')');
  const [topN = COMPARE_TOP_N, startNs = 0, endNs = 0] = numbers;
  return { kind: 'compare', filter, topN, startNs, endNs };
}

function parseFieldList(tokens: TokenStream): Field[] {
  tokens.expect('(');
  const fields = [parseFieldName(tokens)];
  while (tokens.takeIf(',')) fields.push(parseFieldName(tokens));
  tokens.expect(')');
  return fields;
}

function parseLimit(tokens: TokenStream): SecondStage {
  const kind = tokens.is('topk') ? 'topk' : tokens.is('bottomk') ? 'bottomk' : undefined;
  if (kind === undefined) throw tokens.unexpected('topk or bottomk');
  tokens.take();
  tokens.expect('(');
  const token = tokens.current;
  if (token.type !== 'int') throw tokens.unexpected('INTEGER');
  tokens.take();
  tokens.expect(')');
  return { kind, limit: Number(token.value) };
}

function takeFilter(tokens: TokenStream, into: SecondStage[]): void {
  const { type, text } = tokens.current;
  if (type !== 'operator' || !COMPARISONS.has(text)) return;
  tokens.take();
  into.push({ kind: 'metricsFilter', operator: text as ComparisonOperator, value: parseNumber(tokens) });
}

/** Digits alone: the grammar gives them no sign. */
function parseQuantile(tokens: TokenStream): number {
  const token = tokens.current;
  if (token.type !== 'int' && token.type !== 'float') throw tokens.unexpected('FLOAT or INTEGER');
  tokens.take();
  return Number(token.value);
}

/** A number or a duration (in seconds, as metrics give durations), with a sign. */
function parseNumber(tokens: TokenStream): number {
  const sign = tokens.takeIf('-') ? -1 : 1;
  const token = tokens.current;
  if (token.type === 'int' || token.type === 'float') {
    tokens.take();
    return sign * Number(token.value);
  }
  if (token.type === 'duration') {
    tokens.take();
    return (sign * token.valueNs) / 1e9;
  }
  throw tokens.unexpected('a number');
}
