// Printing: what is printed parses to the same tree, on generated expressions and on real ones.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Expr } from './parse/ast.ts';
import { ALL_FEATURES, parseExpr } from './parse/parser.ts';
import { prettyExpr, printExpr } from './print.ts';

/** The tree without positions, and with matchers in the order in which they are printed. */
function bare(expr: Expr): unknown {
  return JSON.parse(
    JSON.stringify(expr, (key, value: unknown) => {
      if (key === 'span') return undefined;
      // +Inf is printed with its sign, which reads as an operator without effect.
      const { type, op, expr: inner } = (value ?? {}) as { type?: string; op?: string; expr?: unknown };
      if (type === 'unary' && op === '+') return inner;
      return key === 'matchers' ? (value as unknown[]).map((one) => JSON.stringify(one)).sort() : encode(value);
    }),
  );
}

function encode(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : Object.is(value, -0) ? '-0' : value;
}

function generator(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

class Sentences {
  readonly #below: (n: number) => number;

  constructor(seed: number) {
    this.#below = generator(seed);
  }

  #pick(options: readonly string[]): string {
    return options[this.#below(options.length)]!;
  }

  scalar(depth: number): string {
    if (depth <= 0) return this.#pick(['1', '0.5', '1e6', 'Inf', 'NaN', '5m', '-3', '0x1F', 'time()', 'pi()']);
    return this.#pick([
      `(${this.scalar(depth - 1)} ${this.#pick(['+', '-', '*', '/', '%', '^', 'atan2'])} ${this.scalar(depth - 1)})`,
      `scalar(${this.vector(depth - 1)})`,
      `-${this.scalar(depth - 1)}`,
    ]);
  }

  selector(): string {
    const name = this.#pick(['up', 'http_requests_total', 'a:b', '{"odd name"}', 'sum', 'offset']);
    const matchers = this.#pick(['', '{job="a"}', '{job=~"a|b", x!="\\"q\\""}', '{"odd label"!~"x.*"}']);
    return name.startsWith('{') ? name : name + matchers;
  }

  shift(): string {
    const at = this.#pick(['', '', ' @ 1234.567', ' @ start()', ' @ end()', ' @ -5']);
    const offset = this.#pick([
      '',
      '',
      ' offset 5m',
      ' offset -1h30m',
      ' offset (step() * 2)',
      ' offset -min_of(range(), 1m)',
    ]);
    return at + offset;
  }

  range(depth: number): string {
    const width = this.#pick(['5m', '1h30m', '300', '5m + step()', '(1m * 2) ^ 1', 'max_of(step(), 1m)', '1.5']);
    if (depth > 0 && this.#below(3) === 0) {
      return `(${this.vector(depth - 1)})[${width}:${this.#pick(['', '1m', 'step()'])}]${this.shift()}`;
    }
    return `${this.selector()}[${width}]${this.shift()}`;
  }

  vector(depth: number): string {
    if (depth <= 0) return this.selector() + this.shift();
    const inner = this.vector(depth - 1);
    const matching = this.#pick([
      '',
      ' on (a)',
      ' ignoring (a, "b c")',
      ' on (a) group_left (x)',
      ' on () group_right ()',
    ]);
    const fill = this.#pick(['', '', ' fill (0)', ' fill_left (1) fill_right (-2)']);
    return this.#pick([
      `${this.#pick(['rate', 'increase', 'max_over_time', 'changes'])}(${this.range(depth - 1)})`,
      `${this.#pick(['sum', 'avg', 'count'])}${this.#pick(['', ' by (a, b)', ' without (c)', ' by ("d e")'])}(${inner})`,
      `topk by (a) (${this.scalar(depth - 1)}, ${inner})`,
      `(${inner})${' '}${this.#pick(['+', '*', '/'])}${matching}${fill} (${this.vector(depth - 1)})`,
      `${inner} ${this.#pick(['>', '== bool', '<='])} ${this.scalar(depth - 1)}`,
      `(${inner} ${this.#pick(['and', 'or', 'unless'])} ${this.#pick(['', 'on (a) '])}${this.vector(depth - 1)})`,
      `-${inner}`,
      `label_replace(${inner}, "a", "$1", "b", "(.*)")`,
      `histogram_quantile(${this.scalar(depth - 1)}, ${inner})`,
      `clamp(${inner}, ${this.scalar(0)}, ${this.scalar(0)})`,
    ]);
  }
}

test('parse(print(ast)) = ast on generated expressions', () => {
  const seed = Number(process.env['MARIO_SEED'] ?? Date.now() % 2 ** 31);
  const sentences = new Sentences(seed);
  for (let i = 0; i < 3000; i++) {
    const source = sentences.vector(1 + (i % 4));
    let first: Expr;
    try {
      first = parseExpr(source, ALL_FEATURES);
    } catch (error) {
      throw new Error(`MARIO_SEED=${seed}: generated ${source} does not parse: ${(error as Error).message}`);
    }
    for (const printed of [printExpr(first), prettyExpr(first)]) {
      assert.deepEqual(
        bare(parseExpr(printed, ALL_FEATURES)),
        bare(first),
        `MARIO_SEED=${seed}: ${source} => ${printed}`,
      );
    }
  }
});

test('expressions are printed as the format_query API prints them', () => {
  const printed: readonly (readonly [string, string])[] = [
    ['foo{c="d",a="b"}', 'foo{a="b",c="d"}'],
    ['foo{a="b",a!="c"}', 'foo{a="b",a!="c"}'],
    ['{"foo"}', '{__name__="foo"}'],
    ['{"foo.bar", a="b"}', '{__name__="foo.bar",a="b"}'],
    ['Inf', '+Inf'],
    ['foo offset 26h', 'foo offset 1d2h'],
    ['foo offset 1y1h', 'foo offset 365d1h'],
    ['1s1ms', '1s1ms'],
    ['foo[5m] offset 1m anchored @ 1', 'foo[5m] anchored @ 1.000 offset 1m'],
    ['foo offset 1m smoothed @ 1', 'foo @ 1.000 smoothed offset 1m'],
    ['foo + fill (1e33) bar', 'foo + fill (1e+33) bar'],
    ['foo + fill (NaN) bar', 'foo + fill_left (NaN) fill_right (NaN) bar'],
  ];
  for (const [source, expected] of printed) assert.equal(printExpr(parseExpr(source, ALL_FEATURES)), expected);
});

test('long expressions are split as the format_query API does', () => {
  const source =
    'sum by (job, instance) (rate(http_requests_total{job="api-server", group="production", instance="1"}[5m] offset 1h))';
  assert.equal(
    prettyExpr(parseExpr(source)),
    'sum by (job, instance) (\n  rate(http_requests_total{group="production",instance="1",job="api-server"}[5m] offset 1h)\n)',
  );
});

/** Two expressions without an operator between them: the real parser refuses it as well. */
const BROKEN = /otelcol_processor_filter_logs_filtered/;

const DASHBOARDS = join(import.meta.dirname, '../../../../shared/real-input/dashboards');

type Variables = ReadonlyMap<string, string>;

/** What a dashboard's variables stand for when it is opened. */
function variablesOf(dashboard: unknown): Variables {
  const list =
    (dashboard as { templating?: { list?: { name?: string; type?: string; current?: { value?: unknown } }[] } })
      .templating?.list ?? [];
  return new Map(
    list.map(({ name, type, current }) => {
      const value = Array.isArray(current?.value) ? (current.value[0] as unknown) : current?.value;
      const usable = typeof value === 'string' && !value.startsWith('$');
      return [name ?? '', usable ? value : type === 'interval' ? '5m' : 'x'];
    }),
  );
}

/** Grafana's macros and variables replaced as it would. */
function interpolate(expression: string, variables: Variables): string {
  const builtIn = (name: string): string | undefined => {
    if (/^__(?:rate_)?interval$/.test(name)) return '5m';
    if (name === '__range') return '1h';
    return /^__(?:interval_ms|range_s|range_ms|from|to)$/.test(name) ? '300' : undefined;
  };
  return expression.replace(
    /\$\{(\w+)(?:[.:][^}]*)?\}|\$(\w+)|\[\[(\w+)\]\]/g,
    (_match, a?: string, b?: string, c?: string) => {
      const name = a ?? b ?? c ?? '';
      const value = builtIn(name) ?? variables.get(name) ?? 'x';
      return value === '$__all' || value === 'All' ? '.*' : value;
    },
  );
}

function expressionsOf(node: unknown, out: string[]): void {
  if (Array.isArray(node)) for (const item of node) expressionsOf(item, out);
  else if (node !== null && typeof node === 'object') {
    const record = node as Record<string, unknown>;
    if (typeof record['expr'] === 'string' && isPrometheus(record)) out.push(record['expr']);
    for (const value of Object.values(record)) expressionsOf(value, out);
  }
}

function isPrometheus(target: Record<string, unknown>): boolean {
  const source = JSON.stringify(target['datasource'] ?? '').toLowerCase();
  return !/loki|tempo|elastic|influx|cloudwatch|logs/.test(source);
}

test('the expressions of real dashboards parse and print', (t) => {
  if (!existsSync(DASHBOARDS)) return t.skip('skipped: no ../shared/real-input/dashboards on this machine');
  const failures: string[] = [];
  let parsed = 0;
  for (const file of readdirSync(DASHBOARDS).filter((name) => name.endsWith('.json'))) {
    const expressions: string[] = [];
    const dashboard: unknown = JSON.parse(readFileSync(join(DASHBOARDS, file), 'utf8'));
    const variables = variablesOf(dashboard);
    expressionsOf(dashboard, expressions);
    for (const raw of expressions) {
      const expression = interpolate(raw, variables).trim();
      // Empty targets, and log queries whose data source is a variable.
      if (
        expression === '' ||
        BROKEN.test(expression) ||
        /\|[=~]|!=\s*`|\|\s*(?:json|logfmt|unwrap|line_format|pattern)/.test(expression)
      )
        continue;
      try {
        const expr = parseExpr(expression, ALL_FEATURES);
        assert.deepEqual(bare(parseExpr(printExpr(expr), ALL_FEATURES)), bare(expr));
        parsed++;
      } catch (error) {
        failures.push(`${file}: ${expression}: ${(error as Error).message}`);
      }
    }
  }
  assert.deepEqual(failures, []);
  assert.ok(parsed > 500, `only ${parsed} expressions found`);
});
