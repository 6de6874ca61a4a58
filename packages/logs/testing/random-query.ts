/** Random LogQL for tests: every construct of the grammar, small. */

type Random = () => number;

export function randomQuery(random: Random): string {
  return random() < 0.4 ? selector(random) : metric(random, 3);
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const names = ['app', 'env', 'level', 'status', 'duration', 'bytes', 'trace_id'];
const texts = ['x', 'error', 'a "quoted" one', 'back\\slash', 'tab\there', 'ünïcode', '', '10.0.0.1', '<_> end'];
const quote = (text: string): string => JSON.stringify(text);
const name = (random: Random): string => pick(random, names);
const text = (random: Random): string => quote(pick(random, texts));

function selector(random: Random): string {
  let query = `{${name(random)}${pick(random, ['="a"', '=~".+x"', '="b c"'])}${random() < 0.3 ? `, other!${text(random)}`.replace('!', '!=') : ''}}`;
  for (let stages = Math.floor(random() * 4); stages > 0; stages--) query += ` ${stage(random)}`;
  return query;
}

function stage(random: Random): string {
  const choices: readonly (() => string)[] = [
    () => `${pick(random, ['|=', '!='])} ${text(random)}${random() < 0.3 ? ` or ${text(random)}` : ''}`,
    () => `|~ "err(or)?" or "fail.*"`,
    () => '|= ip("10.0.0.0/8")',
    () => '|> "<_> end"',
    () => `| json${random() < 0.5 ? ' a="b.c[0]", d' : ''}`,
    () =>
      `| logfmt${random() < 0.3 ? ' --strict' : ''}${random() < 0.3 ? ' --keep-empty' : ''}${random() < 0.3 ? ' a, b="c"' : ''}`,
    () => '| regexp `(?P<method>\\w+) (?P<path>\\S+)`',
    () => '| pattern `<ip> - <_> end`',
    () => pick(random, ['| unpack', '| decolorize']),
    () => `| ${labelFilter(random, 3)}`,
    () => '| line_format "{{.app}} {{ .msg | upper }}"',
    () => '| label_format to=from, other="{{.x}}!"',
    () => `| ${pick(random, ['drop', 'keep'])} a, b="c", d=~"e.*"`,
  ];
  return pick(random, choices)();
}

function labelFilter(random: Random, depth: number): string {
  if (depth > 0 && random() < 0.4) {
    const [left, right] = [labelFilter(random, depth - 1), labelFilter(random, depth - 1)];
    return `(${left} ${pick(random, ['and', 'or', ','])} ${right})`;
  }
  const operator = pick(random, ['==', '!=', '>', '>=', '<', '<=']);
  return `${name(random)} ${pick(random, [`= ${text(random)}`, '=~ "a.*"', `${operator} ${pick(random, ['5', '-1.5', '1e3', '1h30m', '250ms', '1.5s', '20MB', '3KiB'])}`, '= ip("::1")'])}`;
}

function range(random: Random, unwraps: boolean): string {
  const offset = random() < 0.2 ? ` offset ${pick(random, ['5m', '1h30m', '-1m'])}` : '';
  const unwrap = unwraps
    ? ` | unwrap ${pick(random, ['v', 'duration(v)', 'bytes(v)'])}${random() < 0.3 ? ' | __error__=""' : ''}`
    : '';
  return `${selector(random)}${unwrap} [${pick(random, ['5m', '1h', '1d12h', '500ms'])}]${offset}`;
}

function grouping(random: Random): string {
  return pick(random, ['', ' by (app)', ' without (env, level)', ' by ()']);
}

function metric(random: Random, depth: number): string {
  const choices: readonly (() => string)[] = [
    () =>
      `${pick(random, ['rate', 'count_over_time', 'bytes_rate', 'bytes_over_time', 'absent_over_time'])}(${range(random, false)})`,
    () => `${pick(random, ['sum_over_time', 'rate', 'rate_counter'])}(${range(random, true)})`,
    () =>
      `${pick(random, ['avg_over_time', 'max_over_time', 'min_over_time', 'first_over_time', 'stddev_over_time'])}(${range(random, true)})${grouping(random)}`,
    () => `quantile_over_time(0.95, ${range(random, true)})${grouping(random)}`,
    () => `vector(${pick(random, ['1', '2.5'])})`,
  ];
  if (depth === 0) return pick(random, choices)();
  const nested: readonly (() => string)[] = [
    ...choices,
    () =>
      `${pick(random, ['sum', 'avg', 'max', 'min', 'count', 'stddev', 'stdvar'])}${grouping(random)}(${metric(random, depth - 1)})`,
    () => `${pick(random, ['topk', 'bottomk'])}(3, ${metric(random, depth - 1)})${grouping(random)}`,
    () => `${pick(random, ['sort', 'sort_desc'])}(${metric(random, depth - 1)})`,
    () => `label_replace(${metric(random, depth - 1)}, "to", "$1", "from", "(.*)")`,
    () =>
      `${metric(random, depth - 1)} ${pick(random, ['+', '-', '*', '/', '%', '^', '> bool', '==', '!='])} ${pick(random, ['2', '-1', metric(random, depth - 1)])}`,
    () =>
      `${metric(random, depth - 1)} ${pick(random, ['and', 'or', 'unless'])}${pick(random, ['', ' on (app)', ' ignoring (env)'])} ${metric(random, depth - 1)}`,
    () =>
      `${metric(random, depth - 1)} * on (app) ${pick(random, ['group_left', 'group_right (env)', 'group_left ()'])} ${metric(random, depth - 1)}`,
  ];
  return pick(random, nested)();
}
