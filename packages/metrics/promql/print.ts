// Expressions back to text: on one line, and indented over several as the format_query API gives them.
import { compareStrings, isClassicLabelName, isClassicMetricName, METRIC_NAME, quoteGo } from '../model/labels.ts';
import { type LabelMatcher, printMatcher } from '../model/matcher.ts';
import { formatGoF, formatGoG } from './format.ts';
import type { Aggregate, Binary, DurationExpression, Expr, TimeShift, VectorSelector } from './parse/ast.ts';
import { printDuration } from './parse/duration.ts';
import { RESERVED } from './parse/token.ts';

/** One line; parsing it gives the same tree. */
export function printExpr(expr: Expr): string {
  return print(expr);
}

/** `part` prints what the expression consists of. */
function print(expr: Expr, part: (expr: Expr) => string = print): string {
  switch (expr.type) {
    case 'number':
      return printNumber(expr.value, expr.isDuration);
    case 'string':
      return quoteGo(expr.value);
    case 'vector':
      return printVector(expr) + printAt(expr) + printModifier(expr) + printOffset(expr);
    case 'matrix': {
      const range = printDurationOr(expr.rangeExpression, expr.rangeMs);
      const { vector } = expr;
      return `${printVector(vector)}[${range}]${printModifier(vector)}${printAt(vector)}${printOffset(vector)}`;
    }
    case 'subquery': {
      const range = printDurationOr(expr.rangeExpression, expr.rangeMs);
      const step =
        expr.stepExpression === null && expr.stepMs === 0 ? '' : printDurationOr(expr.stepExpression, expr.stepMs);
      return `${part(expr.expr)}[${range}:${step}]${printAt(expr)}${printOffset(expr)}`;
    }
    case 'call':
      return `${expr.func}(${expr.args.map((arg) => part(arg)).join(', ')})`;
    case 'aggregate':
      return `${printAggregateHead(expr)}(${expr.param === null ? '' : `${part(expr.param)}, `}${part(expr.expr)})`;
    case 'binary':
      return `${part(expr.left)} ${printOperator(expr)} ${part(expr.right)}`;
    case 'unary':
      return `${expr.op}${part(expr.expr)}`;
    case 'paren':
      return `(${part(expr.expr)})`;
  }
}

function printNumber(value: number, isDuration: boolean): string {
  const milliseconds = Math.round(value * 1000);
  // Sums of seconds and milliseconds are rarely whole in floating point.
  if (isDuration && Math.abs(value * 1000 - milliseconds) < 1e-6) {
    const text = printDuration(milliseconds);
    return value < 0 && !text.startsWith('-') ? `-${text}` : text;
  }
  return formatGoF(value);
}

function printVector({ name, matchers }: VectorSelector): string {
  const others = name === '' ? matchers : matchers.slice(0, -1);
  const plainName = isClassicMetricName(name) && !RESERVED.has(name.toLowerCase()) && !isLiteralWord(name);
  const inside = others.map(({ name: label, op, value }) =>
    isClassicLabelName(label) ? printMatcher({ name: label, op, value }) : `${quoteGo(label)}${op}${quoteGo(value)}`,
  );
  if (name !== '' && !plainName) inside.push(`${METRIC_NAME}="${quoteGo(name).slice(1, -1)}"`);
  const head = plainName ? name : '';
  return inside.length === 0 && head !== '' ? head : `${head}{${ordered(inside, others).join(',')}}`;
}

/** Sorted, unless a label has several matchers: to absent() their order means something. */
function ordered(printed: readonly string[], matchers: readonly LabelMatcher[]): readonly string[] {
  const names = new Set(matchers.map((matcher) => matcher.name));
  return names.size < matchers.length ? printed : [...printed].sort(compareStrings);
}

/** Names that the lexer would read as something else. */
function isLiteralWord(name: string): boolean {
  return /^(?:inf|nan)$/i.test(name);
}

function printAt({ atMs, atEdge }: TimeShift): string {
  if (atMs !== null) return ` @ ${(atMs / 1000).toFixed(3)}`;
  return atEdge === null ? '' : ` @ ${atEdge}()`;
}

function printOffset({ offsetMs, offsetExpression }: TimeShift): string {
  if (offsetExpression !== null) return ` offset ${printOffsetExpression(offsetExpression)}`;
  return offsetMs === 0 ? '' : ` offset ${printMilliseconds(offsetMs)}`;
}

function printModifier({ modifier }: VectorSelector): string {
  return modifier === null ? '' : ` ${modifier}`;
}

function printOffsetExpression(expression: DurationExpression): string {
  return expression.type === 'duration-binary' && expression.op !== 'min_of' && expression.op !== 'max_of'
    ? `(${printDurationExpression(expression)})`
    : printDurationExpression(expression);
}

function printDurationOr(expression: DurationExpression | null, milliseconds: number): string {
  return expression === null ? printMilliseconds(milliseconds) : printDurationExpression(expression);
}

/** As a duration, or in seconds where milliseconds do not suffice. */
function printMilliseconds(milliseconds: number): string {
  return Number.isInteger(milliseconds) ? printDuration(milliseconds) : formatGoF(milliseconds / 1000);
}

function printDurationExpression(expression: DurationExpression): string {
  switch (expression.type) {
    case 'duration-number':
      return printNumber(expression.seconds, expression.isDuration);
    case 'duration-query':
      return `${expression.which}()`;
    case 'duration-negation':
      return `-${printDurationExpression(expression.operand)}`;
    case 'duration-paren':
      return `(${printDurationExpression(expression.inner)})`;
    case 'duration-binary': {
      const left = printDurationExpression(expression.left);
      const right = printDurationExpression(expression.right);
      const { op } = expression;
      return op === 'min_of' || op === 'max_of' ? `${op}(${left}, ${right})` : `${left} ${op} ${right}`;
    }
  }
}

function printLabelList(names: readonly string[]): string {
  return `(${names.map((name) => (isClassicLabelName(name) ? name : quoteGo(name))).join(', ')})`;
}

function printAggregateHead({ op, grouping, without }: Aggregate): string {
  if (without) return `${op} without ${printLabelList(grouping)} `;
  return grouping.length > 0 ? `${op} by ${printLabelList(grouping)} ` : op;
}

/** The operator with its modifiers. */
function printOperator({ op, returnBool, matching }: Binary): string {
  let out: string = returnBool ? `${op} bool` : op;
  if (matching === null) return out;
  const grouped = matching.card === 'many-to-one' || matching.card === 'one-to-many';
  if (matching.labels.length > 0 || matching.on || grouped) {
    out += ` ${matching.on ? 'on' : 'ignoring'} ${printLabelList(matching.labels)}`;
  }
  if (grouped) {
    const word = matching.card === 'many-to-one' ? 'group_left' : 'group_right';
    out += ` ${word} ${printLabelList(matching.include)}`;
  }
  return out + printFill(matching.fillLeft, matching.fillRight);
}

function printFill(left: number | null, right: number | null): string {
  if (left !== null && left === right) return ` fill (${formatGoG(left)})`;
  const first = left === null ? '' : ` fill_left (${formatGoG(left)})`;
  return right === null ? first : `${first} fill_right (${formatGoG(right)})`;
}

/** A line longer than this is split. */
const LINE_LENGTH_MAX = 100;
const INDENT = '  ';

/** Over several lines where one would be too long. */
export function prettyExpr(expr: Expr): string {
  const lines = new Map<Expr, string>();
  // Every part is asked for its length once by each part around it.
  const lineOf = (part: Expr): string => {
    let line = lines.get(part);
    if (line === undefined) lines.set(part, (line = print(part, lineOf)));
    return line;
  };
  return pretty(expr, 0, lineOf);
}

function pretty(expr: Expr, level: number, lineOf: (expr: Expr) => string): string {
  const indent = INDENT.repeat(level);
  const line = lineOf(expr);
  if (line.length <= LINE_LENGTH_MAX) return indent + line;
  const inner = (part: Expr): string => pretty(part, level + 1, lineOf);
  switch (expr.type) {
    case 'paren':
      return `${indent}(\n${inner(expr.expr)}\n${indent})`;
    case 'unary':
      return `${indent}${expr.op}${pretty(expr.expr, level, lineOf).trimStart()}`;
    case 'call':
      return `${indent}${expr.func}(\n${expr.args.map(inner).join(',\n')}\n${indent})`;
    case 'aggregate': {
      const args = expr.param === null ? [expr.expr] : [expr.param, expr.expr];
      return `${indent}${printAggregateHead(expr)}(\n${args.map(inner).join(',\n')}\n${indent})`;
    }
    case 'binary':
      return `${inner(expr.left)}\n${indent}${printOperator(expr)}\n${inner(expr.right)}`;
    case 'subquery':
      return pretty(expr.expr, level, lineOf) + line.slice(lineOf(expr.expr).length);
    default:
      return indent + line;
  }
}
