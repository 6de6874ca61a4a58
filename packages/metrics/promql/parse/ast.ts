// The syntax tree of an expression: plain immutable data with the positions that errors and annotations name.
import type { LabelMatcher } from '../../model/matcher.ts';

/** Half-open range of UTF-16 positions in the source. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string' | 'none';

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'atan2'
  | '=='
  | '!='
  | '>'
  | '<'
  | '>='
  | '<='
  | '>/'
  | '</'
  | 'and'
  | 'or'
  | 'unless';

export type AggregateOperator =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'limitk'
  | 'limit_ratio'
  | 'count_values'
  | 'quantile';

/** Arithmetic over durations: `[5m + step()]`. Leaves are numbers of seconds or the query's own step and range. */
export type DurationExpression =
  | { readonly type: 'duration-number'; readonly seconds: number; readonly isDuration: boolean; readonly span: Span }
  | { readonly type: 'duration-query'; readonly which: 'step' | 'range'; readonly span: Span }
  | { readonly type: 'duration-negation'; readonly operand: DurationExpression; readonly span: Span }
  | { readonly type: 'duration-paren'; readonly inner: DurationExpression; readonly span: Span }
  | {
      readonly type: 'duration-binary';
      readonly op: '+' | '-' | '*' | '/' | '%' | '^' | 'min_of' | 'max_of';
      readonly left: DurationExpression;
      readonly right: DurationExpression;
      readonly span: Span;
    };

/** Where in time a selector or subquery looks. Durations are milliseconds, with fractions where the source has them. */
export interface TimeShift {
  readonly offsetMs: number;
  /** Set instead of `offsetMs` when the offset is computed. */
  readonly offsetExpression: DurationExpression | null;
  /** `@` timestamp in milliseconds. */
  readonly atMs: number | null;
  /** `@ start()` or `@ end()`. */
  readonly atEdge: 'start' | 'end' | null;
}

export interface NumberLiteral {
  readonly type: 'number';
  readonly value: number;
  /** Written as a duration (`5m`). */
  readonly isDuration: boolean;
  readonly span: Span;
}

export interface StringLiteral {
  readonly type: 'string';
  readonly value: string;
  readonly span: Span;
}

export interface VectorSelector extends TimeShift {
  readonly type: 'vector';
  /** Name written before the braces, "" when there is none. */
  readonly name: string;
  /** All matchers, with the name's as the last one. */
  readonly matchers: readonly LabelMatcher[];
  readonly modifier: 'anchored' | 'smoothed' | null;
  readonly span: Span;
}

export interface MatrixSelector {
  readonly type: 'matrix';
  readonly vector: VectorSelector;
  readonly rangeMs: number;
  readonly rangeExpression: DurationExpression | null;
  readonly span: Span;
}

export interface Subquery extends TimeShift {
  readonly type: 'subquery';
  readonly expr: Expr;
  readonly rangeMs: number;
  readonly rangeExpression: DurationExpression | null;
  /** 0: the engine's default. */
  readonly stepMs: number;
  readonly stepExpression: DurationExpression | null;
  readonly span: Span;
}

export interface Call {
  readonly type: 'call';
  readonly func: string;
  readonly args: readonly Expr[];
  readonly span: Span;
}

export interface Aggregate {
  readonly type: 'aggregate';
  readonly op: AggregateOperator;
  readonly expr: Expr;
  readonly param: Expr | null;
  readonly grouping: readonly string[];
  readonly without: boolean;
  readonly span: Span;
}

export type Cardinality = 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';

export interface VectorMatching {
  readonly card: Cardinality;
  readonly labels: readonly string[];
  readonly on: boolean;
  /** Labels of the "one" side to carry over. */
  readonly include: readonly string[];
  /** Values for series missing on a side, null: not filled. */
  readonly fillLeft: number | null;
  readonly fillRight: number | null;
}

export interface Binary {
  readonly type: 'binary';
  readonly op: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
  /** Null unless both sides are instant vectors. */
  readonly matching: VectorMatching | null;
  readonly returnBool: boolean;
  readonly span: Span;
}

export interface Unary {
  readonly type: 'unary';
  readonly op: '+' | '-';
  readonly expr: Expr;
  readonly span: Span;
}

export interface Paren {
  readonly type: 'paren';
  readonly expr: Expr;
  readonly span: Span;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregate
  | Binary
  | Unary
  | Paren;

export const NO_SHIFT: TimeShift = { offsetMs: 0, offsetExpression: null, atMs: null, atEdge: null };

export const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
/** Cut histograms; floats on the left have nothing to cut. */
export const TRIMS: ReadonlySet<string> = new Set(['</', '>/']);
/** Operators whose results are still what the metric name says. */
export const KEEPING_NAMES: ReadonlySet<string> = new Set([...COMPARISONS, ...TRIMS]);
export const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** The expression inside any number of parentheses. */
export function unwrapParens(expr: Expr): Expr {
  let inner = expr;
  while (inner.type === 'paren') inner = inner.expr;
  return inner;
}

/** Direct children, left to right. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.type) {
    case 'matrix':
      return [expr.vector];
    case 'subquery':
    case 'unary':
    case 'paren':
      return [expr.expr];
    case 'call':
      return expr.args;
    case 'aggregate':
      return expr.param === null ? [expr.expr] : [expr.expr, expr.param];
    case 'binary':
      return [expr.left, expr.right];
    default:
      return [];
  }
}
