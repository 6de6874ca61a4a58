/** The syntax tree of TraceQL: plain immutable objects, no behaviour. */

/** Scopes of attributes; `none` is the unscoped `.name`. */
export type Scope = 'none' | 'span' | 'resource' | 'event' | 'link' | 'instrumentation';

/** Values that every span, trace, event, link or scope has; named as TraceQL's scoped form writes them. */
export type Intrinsic =
  | 'span:duration'
  | 'span:name'
  | 'span:status'
  | 'span:statusMessage'
  | 'span:kind'
  | 'span:id'
  | 'span:parentID'
  | 'span:childCount'
  | 'trace:duration'
  | 'trace:rootName'
  | 'trace:rootService'
  | 'trace:id'
  | 'event:name'
  | 'event:timeSinceStart'
  | 'link:traceID'
  | 'link:spanID'
  | 'instrumentation:name'
  | 'instrumentation:version'
  | 'nestedSetLeft'
  | 'nestedSetRight'
  | 'nestedSetParent'
  | 'parent';

export type StatusName = 'error' | 'ok' | 'unset';
export type KindName = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A literal. Integers are 64 bits wide: beyond what a double holds exactly they are bigints. */
export type Static =
  | { readonly type: 'nil' }
  | { readonly type: 'int'; readonly value: number | bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'duration'; readonly valueNs: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'status'; readonly value: StatusName }
  | { readonly type: 'kind'; readonly value: KindName };

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^';
export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type FieldOperator = ArithmeticOperator | ComparisonOperator | '=~' | '!~' | '&&' | '||';

interface AttributeField {
  readonly kind: 'attribute';
  readonly scope: Scope;
  /** Written with `parent.`: parsed, and refused by validation as Tempo does. */
  readonly parent: boolean;
  readonly name: string;
}

interface IntrinsicField {
  readonly kind: 'intrinsic';
  readonly intrinsic: Intrinsic;
}

export type FieldExpression =
  | { readonly kind: 'static'; readonly value: Static }
  | AttributeField
  | IntrinsicField
  | {
      readonly kind: 'binary';
      readonly operator: FieldOperator;
      readonly left: FieldExpression;
      readonly right: FieldExpression;
    }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly operand: FieldExpression };

/** `&&` and `||` join spansets of a trace; the others relate the spans of two spansets. */
export type SpansetOperator = '&&' | '||' | StructuralOperator;
export type StructuralRelation = '>' | '>>' | '<' | '<<' | '~';
export type StructuralOperator = StructuralRelation | `!${StructuralRelation}` | `&${StructuralRelation}`;

export interface SpansetFilter {
  readonly kind: 'filter';
  readonly expression: FieldExpression;
}

export interface SpansetOperation {
  readonly kind: 'spansetOperation';
  readonly operator: SpansetOperator;
  readonly left: SpansetExpression;
  readonly right: SpansetExpression;
}

export interface Pipeline {
  readonly kind: 'pipeline';
  readonly elements: readonly PipelineElement[];
}

export type SpansetExpression = SpansetFilter | SpansetOperation | Pipeline;

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly operator: 'count' | 'avg' | 'max' | 'min' | 'sum';
  /** Absent for `count()`. */
  readonly expression?: FieldExpression;
}

interface ScalarOperation {
  readonly kind: 'scalarOperation';
  readonly operator: ArithmeticOperator;
  readonly left: ScalarExpression;
  readonly right: ScalarExpression;
}

/** A pipeline here ends in an aggregate. */
export type ScalarExpression =
  | Aggregate
  | ScalarOperation
  | { readonly kind: 'static'; readonly value: Static }
  | Pipeline;

export interface ScalarFilter {
  readonly kind: 'scalarFilter';
  readonly operator: ComparisonOperator;
  readonly left: ScalarExpression;
  readonly right: ScalarExpression;
}

export type PipelineElement =
  | SpansetExpression
  | ScalarFilter
  | Aggregate
  | { readonly kind: 'by'; readonly expression: FieldExpression }
  | { readonly kind: 'coalesce' }
  | { readonly kind: 'select'; readonly fields: readonly Field[] };

/** An attribute or an intrinsic: what metrics group by and measure. */
export type Field = AttributeField | IntrinsicField;

export type MetricsFunction =
  | 'rate'
  | 'count_over_time'
  | 'min_over_time'
  | 'max_over_time'
  | 'avg_over_time'
  | 'sum_over_time'
  | 'quantile_over_time'
  | 'histogram_over_time';

export type MetricsStage =
  | {
      readonly kind: 'aggregation';
      readonly function: MetricsFunction;
      /** What is measured; absent for `rate` and `count_over_time`. */
      readonly field?: Field;
      /** For `quantile_over_time`. */
      readonly quantiles: readonly number[];
      readonly by: readonly Field[];
    }
  | {
      readonly kind: 'compare';
      readonly filter: SpansetFilter;
      readonly topN: number;
      /** Unix nanoseconds; both 0 when the whole range is meant. */
      readonly startNs: number;
      readonly endNs: number;
    };

export type SecondStage =
  | { readonly kind: 'topk' | 'bottomk'; readonly limit: number }
  | { readonly kind: 'metricsFilter'; readonly operator: ComparisonOperator; readonly value: number };

export interface Hint {
  readonly name: string;
  readonly value: Static;
}

/** A whole query. `metrics` is absent in a search. */
export interface Query {
  readonly pipeline: Pipeline;
  readonly metrics?: MetricsStage;
  readonly secondStages: readonly SecondStage[];
  readonly hints: readonly Hint[];
}
