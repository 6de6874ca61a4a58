/** The syntax tree of LogQL: plain immutable objects, the same words as Loki's own grammar. */

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

export type LineFilterOperator = '|=' | '!=' | '|~' | '!~' | '|>' | '!>';

/** One alternative of a line filter: a text, or the argument of `ip("…")`. */
export interface LineFilterOperand {
  readonly ip: boolean;
  readonly text: string;
}

export type CompareOperator = '==' | '!=' | '>' | '>=' | '<' | '<=';

export type LabelFilter =
  | { readonly kind: 'string'; readonly matcher: Matcher }
  | { readonly kind: 'number'; readonly name: string; readonly operator: CompareOperator; readonly value: number }
  /** `value` in nanoseconds. */
  | { readonly kind: 'duration'; readonly name: string; readonly operator: CompareOperator; readonly value: number }
  /** `value` in bytes. */
  | { readonly kind: 'bytes'; readonly name: string; readonly operator: CompareOperator; readonly value: number }
  | { readonly kind: 'ip'; readonly name: string; readonly operator: '=' | '!='; readonly pattern: string }
  | { readonly kind: 'and' | 'or'; readonly left: LabelFilter; readonly right: LabelFilter };

/** `name="expression"` of `json` and `logfmt`; a bare name stands for itself. */
export interface LabelExtraction {
  readonly name: string;
  readonly expression: string;
}

export interface LabelFormat {
  readonly name: string;
  /** `rename`: `value` is the other label; `template`: a Go template. */
  readonly kind: 'rename' | 'template';
  readonly value: string;
}

/** An argument of `drop` and `keep`: a name, or a matcher on it. */
export type NamedMatcher = string | Matcher;

export type Stage =
  | {
      readonly kind: 'lineFilter';
      readonly operator: LineFilterOperator;
      readonly operands: readonly LineFilterOperand[];
    }
  | { readonly kind: 'json'; readonly extractions: readonly LabelExtraction[] }
  | {
      readonly kind: 'logfmt';
      readonly strict: boolean;
      readonly keepEmpty: boolean;
      readonly extractions: readonly LabelExtraction[];
    }
  | { readonly kind: 'regexp' | 'pattern'; readonly pattern: string }
  | { readonly kind: 'unpack' }
  | { readonly kind: 'labelFilter'; readonly filter: LabelFilter }
  | { readonly kind: 'lineFormat'; readonly template: string }
  | { readonly kind: 'labelFormat'; readonly formats: readonly LabelFormat[] }
  | { readonly kind: 'decolorize' }
  | { readonly kind: 'drop' | 'keep'; readonly labels: readonly NamedMatcher[] };

export interface LogSelector {
  readonly kind: 'logSelector';
  readonly matchers: readonly Matcher[];
  readonly stages: readonly Stage[];
}

export type Conversion = 'bytes' | 'duration' | 'duration_seconds';

export interface Unwrap {
  readonly name: string;
  readonly conversion: Conversion | undefined;
  readonly filters: readonly LabelFilter[];
}

/** Durations in nanoseconds: whole milliseconds from the grammar, so a double holds them exactly. */
export interface LogRange {
  readonly selector: LogSelector;
  readonly rangeNs: number;
  readonly offsetNs: number;
  readonly unwrap: Unwrap | undefined;
}

export const rangeOperators = [
  'count_over_time',
  'rate',
  'rate_counter',
  'bytes_over_time',
  'bytes_rate',
  'avg_over_time',
  'sum_over_time',
  'min_over_time',
  'max_over_time',
  'stdvar_over_time',
  'stddev_over_time',
  'quantile_over_time',
  'first_over_time',
  'last_over_time',
  'absent_over_time',
] as const;
export type RangeOperator = (typeof rangeOperators)[number];

export const vectorOperators = [
  'sum',
  'avg',
  'count',
  'max',
  'min',
  'stddev',
  'stdvar',
  'bottomk',
  'topk',
  'sort',
  'sort_desc',
  'approx_topk',
] as const;
export type VectorOperator = (typeof vectorOperators)[number];

export type BinaryOperator = 'or' | 'and' | 'unless' | '+' | '-' | '*' | '/' | '%' | '^' | CompareOperator;

export interface Grouping {
  readonly without: boolean;
  readonly labels: readonly string[];
}

export interface VectorMatching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many';
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly include: readonly string[];
}

export type Metric =
  | {
      readonly kind: 'rangeAggregation';
      readonly operator: RangeOperator;
      readonly range: LogRange;
      readonly grouping: Grouping | undefined;
      /** The φ of quantile_over_time. */
      readonly parameter: number | undefined;
    }
  | {
      readonly kind: 'vectorAggregation';
      readonly operator: VectorOperator;
      readonly inner: Metric;
      /** Without labels when the query has none: everything falls into one group. */
      readonly grouping: Grouping;
      /** The k of topk, bottomk and approx_topk. */
      readonly parameter: number | undefined;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Metric;
      readonly right: Metric;
      readonly bool: boolean;
      readonly matching: VectorMatching;
    }
  | { readonly kind: 'literal'; readonly value: number }
  | { readonly kind: 'vector'; readonly value: number }
  | {
      readonly kind: 'labelReplace';
      readonly inner: Metric;
      readonly destination: string;
      readonly replacement: string;
      readonly source: string;
      readonly regex: string;
    };

/** Several metrics over the same lines, evaluated in one pass: `variants(…, …) of ({…}[5m])`. */
export interface Variants {
  readonly kind: 'variants';
  readonly metrics: readonly Metric[];
  readonly of: LogRange;
}

export type Expression = LogSelector | Metric | Variants;

export const oneToOne: VectorMatching = { cardinality: 'one-to-one', on: false, labels: [], include: [] };

export function isComparison(operator: BinaryOperator): operator is CompareOperator {
  return (
    operator === '==' ||
    operator === '!=' ||
    operator === '>' ||
    operator === '>=' ||
    operator === '<' ||
    operator === '<='
  );
}

export function isSetOperator(operator: BinaryOperator): operator is 'or' | 'and' | 'unless' {
  return operator === 'or' || operator === 'and' || operator === 'unless';
}
