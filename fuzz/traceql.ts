/** Fuzz target: TraceQL. Random sentences either parse, print and parse again to the same tree, or are refused as QueryError. */

import assert from 'node:assert/strict';
import { sampleTrace } from '../packages/traces/testing/sample.ts';
import { parse } from '../packages/traces/traceql/parser.ts';
import { compilePipeline } from '../packages/traces/traceql/pipeline-evaluator.ts';
import { print } from '../packages/traces/traceql/printer.ts';
import { QueryError } from '../packages/traces/traceql/query-error.ts';
import { TraceContext } from '../packages/traces/traceql/trace-context.ts';
import { validate } from '../packages/traces/traceql/validate.ts';
import { pick, timeBox } from './time-box.ts';

const WORDS = [
  '{', '}', '(', ')', '|', '&&', '||', '=', '!=', '=~', '!~', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '^', '!',
  '>>', '<<', '~', '!>', '!>>', '!<', '!<<', '&>', '&>>', '&<', '&<<', '&~', ',', '.a', '.vip', 'span.price',
  'resource.service.name', 'parent.a', 'parent.span.b', 'event.exception.message', 'link.why', '."odd name"', 'name',
  'duration', 'kind', 'status', 'span:childCount', 'trace:id', 'nestedSetLeft', 'event:timeSinceStart', '1', '2.5', '3s',
  '1h30m', '"text"', '`raw`', 'true', 'false', 'nil', 'error', 'server', 'count()', 'max(duration)', 'avg(.price)',
  'by(name)', 'select(.a)', 'coalesce()', 'rate()', 'count_over_time()', 'quantile_over_time(duration, 0.9)', 'by',
  'topk(3)', 'with(sample=0.1)', 'compare({ status = error })', '// note\n', '/* note */', '\u0000', '"', "'", '€',
]; // biome-ignore format: one table

const batch = sampleTrace(10);
const trace = new TraceContext({
  id: batch.traceIds.subarray(0, 16),
  spans: Array.from({ length: batch.count }, (_, row) => ({ batch, row })),
});

function field(random: () => number, depth: number): string {
  if (depth <= 0 || random() < 0.3) return pick(random, WORDS.slice(35, 61));
  const operator = pick(random, ['=', '!=', '<', '>', '&&', '||', '+', '-', '*', '/', '^', '=~', '!~']);
  const text = `${field(random, depth - 1)} ${operator} ${field(random, depth - 1)}`;
  return random() < 0.3 ? `${pick(random, ['', '-', '!'])}(${text})` : text;
}

function sentence(random: () => number): string {
  if (random() < 0.4) return Array.from({ length: 1 + Math.floor(random() * 12) }, () => pick(random, WORDS)).join(' ');
  const stages = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
    random() < 0.7
      ? `{ ${field(random, 3)} }`
      : pick(random, ['by(name)', 'count() > 1', 'max(duration) > 1s', 'select(.a)']),
  );
  return stages.join(pick(random, [' | ', ' && ', ' >> ', ' !~ ', ' || ']));
}

await timeBox('traceql', (random) => {
  const text = sentence(random);
  try {
    const query = parse(text);
    assert.deepEqual(parse(print(query)), query, text);
    validate(query);
    compilePipeline(query.pipeline)(trace);
  } catch (error) {
    if (!(error instanceof QueryError)) throw new Error(`on ${JSON.stringify(text)}`, { cause: error });
  }
});
