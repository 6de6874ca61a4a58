import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SpanBatchBuilder } from '@mario/otlp';
import { spanRefs, type Trace } from '../store/scan.ts';
import { sampleTrace } from '../testing/sample.ts';
import { runTraceqlConformance } from './conformance.ts';
import { formatDurationNs, parseDurationNs } from './duration.ts';
import { parseQuery } from './index.ts';
import { parse } from './parser.ts';
import { compilePipeline } from './pipeline-evaluator.ts';
import { print } from './printer.ts';
import { QueryError } from './query-error.ts';
import { TraceContext } from './trace-context.ts';

const CASES = fileURLToPath(new URL('../../../../shared/conformance/traceql/queries.json', import.meta.url));

test('TraceQL conformance cases', {
  skip: existsSync(CASES) ? false : 'skipped: ../shared/conformance is not here',
}, async () => {
  const result = await runTraceqlConformance(CASES);
  assert.deepEqual(result.failures, []);
  assert.ok(result.passed > 0);
});

describe('TraceQL language', () => {
  test('prints so that parsing gives the same tree', () => {
    const queries = [
      '{ .a = "quo\\"te\\n" || span."odd name!".b != nil } | select(.x, resource.y)',
      '({ .a } | count() > 1) >> ({ .b } | by(span.c) | coalesce())',
      '{ -(1 + 2) * .a ^ 2 ^ 3 < 1h30m && !(.b || !.c) }',
      '({ .a } && { .b }) || { .c } !>> { .d } &~ { .e }',
      '{ } | quantile_over_time(span:duration, .5, 0.99) by (resource.service.name, .b) | topk(3) > 1.5 with(sample=0.1, exemplars=true)',
      '{ duration > .5s && .a > .25e2 }',
      '{ status = error } | compare({ kind = server }, 5, 100, 200)',
      '{ event:name = "exception" && event."a b" =~ `x\\d+` } // comment',
      '{ .a-b+c = 1 /* in between */ }',
      '{ nil != .a && .b = nil && nil = nil && .c = 9223372036854775807 } | max(.d) > -9007199254740993',
    ];
    for (const query of queries) {
      const tree = parse(query);
      assert.deepEqual(parse(print(tree)), tree, query);
    }
  });

  test('&& and || bind equally, arithmetic binds above comparison', () => {
    assert.equal(print(parse('{ .a || .b && .c }')), '{ (.a || .b) && .c }');
    assert.equal(print(parse('{ .a + 1 * 2 = 3 }')), '{ (.a + (1 * 2)) = 3 }');
    assert.equal(print(parse('{ 2 ^ 3 ^ .a = 1 }')), '{ (2 ^ (3 ^ .a)) = 1 }');
  });

  test('errors tell the place', () => {
    assert.throws(() => parse('{ .a = }'), /parse error at line 1, col 8: syntax error: unexpected }/);
    assert.throws(() => parse('{ .a = 1\n  && foo }'), /line 2, col 6/);
    assert.throws(() => parseQuery('{ status }'), /must resolve to a boolean: \{ status \}/);
    assert.throws(() => parseQuery('{ parent.a = 1 }'), /parent not yet supported/);
    assert.throws(() => parse(`{ ${'('.repeat(300)}.a${')'.repeat(300)} }`), /nested deeper/);
  });

  test('what Tempo 3.0 takes and refuses beyond the shared cases', () => {
    const cases: readonly (readonly [string, 'valid' | 'parse' | 'validate' | 'unsupported'])[] = [
      ['{ !.a = 1 }', 'valid'],
      ['{ !.a = !.b }', 'valid'],
      ['{ !.a + 1 }', 'validate'],
      ['{ instrumentation:version = 3 }', 'valid'],
      ['{ .a =~ .b }', 'validate'],
      ['{ name =~ name }', 'validate'],
      ['{ nil = 1 }', 'valid'],
      ['{ .a > nil }', 'parse'],
      ['{ nil }', 'parse'],
      ['{ nil =~ "x" }', 'parse'],
      ['{ .a = 0x1F }', 'parse'],
      ['{ .a = 9223372036854775807 }', 'valid'],
      ['{ .a = 9223372036854775808 }', 'parse'],
      ['{ } | avg(!.a) > 1', 'valid'],
      ['{ } | avg(instrumentation:name) > 1', 'valid'],
      ['{ } | quantile_over_time(duration, 1s)', 'parse'],
      ['{ } | quantile_over_time(duration, -0.1)', 'parse'],
      ['{ } | min_over_time(name)', 'valid'],
      ['{ } | rate() by (.a, .b, .c, .d, .e)', 'valid'],
      ['{ } | rate() by (.a, .b, .c, .d, .e, .f)', 'unsupported'],
      ['{ } | histogram_over_time(duration) by (.a, .b, .c, .d, .e)', 'unsupported'],
      ['{ } | rate() with(a=nil)', 'parse'],
    ];
    for (const [query, expected] of cases) {
      const outcome = (): string => {
        try {
          parseQuery(query);
          return 'valid';
        } catch (error) {
          return error instanceof QueryError ? error.kind : String(error);
        }
      };
      assert.equal(outcome(), expected, query);
    }
  });

  test('durations are read and written as Go does', () => {
    assert.equal(parseDurationNs('1h2m3.5s'), 3_723_500_000_000);
    assert.equal(parseDurationNs('1d'), 86_400e9);
    assert.equal(parseDurationNs('5x'), undefined);
    assert.deepEqual([0, 1500, 1.5e6, 90e9, 3_723_500_000_000].map(formatDurationNs), [
      '0s',
      '1.5µs',
      '1.5ms',
      '1m30s',
      '1h2m3.5s',
    ]);
  });
});

describe('TraceQL evaluation', () => {
  const traceOf = (number: number): Trace => {
    const batch = sampleTrace(number);
    return { id: batch.traceIds.subarray(0, 16), spans: spanRefs(batch, 0, batch.count) };
  };
  const names = ['POST', 'Place', 'SELECT', 'INSERT', 'charge'];
  /** The spans that match, by the first word of their name; spansets joined by |. */
  const run = (query: string, number = 10): string => {
    const spansets = compilePipeline(parseQuery(query).pipeline)(new TraceContext(traceOf(number)));
    return spansets.map(({ spans }) => spans.map((span) => names[span]).join(' ')).join(' | ');
  };

  const cases: readonly (readonly [string, string])[] = [
    ['{ }', 'POST Place SELECT INSERT charge'],
    ['{ resource.service.name = "payment" }', 'charge'],
    ['{ .service.name != "payment" && kind = client }', 'SELECT INSERT'],
    ['{ .http.response.status_code >= 500 }', 'POST'],
    ['{ span.http.response.status_code = "500" }', ''],
    ['{ .db.system.name != "postgresql" }', 'SELECT INSERT'],
    ['{ .db.system.name = nil }', 'POST Place charge'],
    ['{ .db.system.name != nil }', 'SELECT INSERT'],
    ['{ .vip }', 'Place'],
    ['{ !(.vip = true) }', 'POST SELECT INSERT charge'],
    ['{ .price + 0.5 = 23 }', 'Place'],
    ['{ duration > 80ms }', 'POST Place'],
    ['{ traceDuration > 109ms && name =~ "S.*" }', 'SELECT'],
    ['{ name =~ "SELECT" }', ''],
    ['{ name !~ "SELECT.*|INSERT.*" }', 'POST Place charge'],
    ['{ rootName = "POST /api/orders/" && rootServiceName = "mario-pizzeria" && name = "charge" }', 'charge'],
    ['{ statusMessage = "database is locked" }', 'POST'],
    ['{ event:name = "exception" && event.exception.message =~ ".*locked" && event:timeSinceStart > 30ms }', 'INSERT'],
    ['{ link.why = "retry" }', 'Place'],
    ['{ instrumentation:name = "pay" }', 'charge'],
    ['{ instrumentation:version = "1.2.3" && kind = server }', 'POST'],
    ['{ .sizes = "small" }', 'POST'],
    ['{ .sizes != "small" }', ''],
    ['{ span:childCount > 2 }', 'Place'],
    ['{ nestedSetParent < 0 }', 'POST'],
    ['{ nestedSetLeft > 1 && nestedSetRight < 5 }', 'SELECT'],
    ['{ name = "charge" } && { status = error }', 'POST INSERT charge'],
    ['{ name = "nothing" } && { status = error }', ''],
    ['{ name = "nothing" } || { name = "charge" }', 'charge'],
    ['{ kind = server } > { }', 'Place'],
    ['{ kind = server } >> { kind = client }', 'SELECT INSERT'],
    ['{ kind = client } < { }', 'Place'],
    ['{ kind = client } << { }', 'POST Place'],
    ['{ name = "charge" } ~ { }', 'SELECT INSERT'],
    ['{ name = "PlaceOrderCommand" } !> { }', 'POST Place'],
    ['{ name = "POST /api/orders/" } &>> { status = error }', 'POST INSERT'],
    ['{ } | count() > 4', 'POST Place SELECT INSERT charge'],
    ['{ kind = client } | count() > 2', ''],
    ['{ kind = client } | avg(duration) > 26ms', 'SELECT INSERT'],
    ['{ } | max(.price) = 22.5', 'POST Place SELECT INSERT charge'],
    ['{ } | sum(duration) < 1ms', ''],
    ['{ kind = client } | by(name)', 'SELECT | INSERT'],
    ['{ kind = client } | by(name) | count() > 0 | coalesce()', 'SELECT INSERT'],
    ['({ kind = server } | count() > 1) >> ({ kind = client })', 'SELECT INSERT'],
    ['{ trace:id = "5b8efff798038103d269b6330000000a" && span:id = "00000000000000a1" }', 'POST'],
  ];
  for (const [query, expected] of cases) test(query, () => assert.equal(run(query), expected));
});

test('integers beyond what doubles hold compare exactly', () => {
  const builder = new SpanBatchBuilder();
  const ids = [9007199254740992n, 9007199254740993n, -9007199254740993n];
  for (const [n, id] of ids.entries()) {
    builder.span({
      traceId: '1'.padStart(32, '0'),
      spanId: String(n + 1).padStart(16, '0'),
      name: String(n),
      startNs: 1n,
      endNs: 2n,
      attributes: { id, ids: [id] },
    });
  }
  const batch = builder.build();
  const trace = { id: batch.traceIds.subarray(0, 16), spans: spanRefs(batch, 0, batch.count) };
  const run = (query: string): string => {
    const spansets = compilePipeline(parseQuery(query).pipeline)(new TraceContext(trace));
    return spansets.flatMap(({ spans }) => spans).join(' ');
  };
  assert.equal(run('{ .id = 9007199254740993 }'), '1');
  assert.equal(run('{ .id > 9007199254740992 }'), '1');
  assert.equal(run('{ .id != 9007199254740993 }'), '0 2');
  assert.equal(run('{ .ids = 9007199254740993 }'), '1');
  assert.equal(run('{ .id = -9007199254740993 }'), '2');
  assert.equal(run('{ -.id = 9007199254740993 }'), '2');
  assert.equal(run('{ .id < 1.5 }'), '2');
  assert.equal(run('{ .id = 9007199254740992.0 }'), '0 1', 'with a float, as doubles');
  assert.equal(run('{ } | by(.id) | count() = 1'), '0 1 2');
});

test('a chain of thousands of operators is refused by name', () => {
  for (const query of [Array(2_000).fill('{}').join(' >> '), `{ ${Array(2_000).fill('.a = 1').join(' || ')} }`]) {
    assert.throws(() => parseQuery(query), /query has more than 500 operators/);
  }
});
