/** What a range aggregation may be combined with: unwrap, grouping, parameter. */
import type { Grouping, LogRange, RangeOperator } from './ast.ts';
import { ParseError } from './query-error.ts';

const groupable: ReadonlySet<RangeOperator> = new Set<RangeOperator>([
  'avg_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'quantile_over_time',
  'max_over_time',
  'min_over_time',
  'first_over_time',
  'last_over_time',
]);

const withUnwrap: ReadonlySet<RangeOperator> = new Set<RangeOperator>([
  ...groupable,
  'sum_over_time',
  'rate',
  'rate_counter',
  'absent_over_time',
]);

const withoutUnwrap: ReadonlySet<RangeOperator> = new Set<RangeOperator>([
  'bytes_over_time',
  'bytes_rate',
  'count_over_time',
  'rate',
  'absent_over_time',
]);

export function checkRangeAggregation(
  operator: RangeOperator,
  range: LogRange,
  grouping: Grouping | undefined,
  parameter: number | undefined,
): void {
  if (grouping !== undefined && !groupable.has(operator)) {
    throw new ParseError(`grouping not allowed for ${operator} aggregation`);
  }
  if (operator === 'quantile_over_time' && parameter === undefined) {
    throw new ParseError(`parameter required for operation ${operator}`);
  }
  if (range.unwrap !== undefined && !withUnwrap.has(operator)) {
    throw new ParseError(`invalid aggregation ${operator} with unwrap`);
  }
  if (range.unwrap === undefined && !withoutUnwrap.has(operator)) {
    throw new ParseError(`invalid aggregation ${operator} without unwrap`);
  }
}
