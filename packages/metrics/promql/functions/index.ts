// The functions over instant vectors, scalars and strings by name.
import { ABSENT_FUNCTIONS } from './absent.ts';
import type { InstantFunction } from './function-call.ts';
import { HISTOGRAM_QUANTILES } from './histogram-quantile.ts';
import { HISTOGRAM_STATISTICS } from './histogram-statistics.ts';
import { INFO_FUNCTIONS } from './info.ts';
import { LABEL_FUNCTIONS } from './labels.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { SCALAR_FUNCTIONS } from './scalars.ts';
import { SORT_FUNCTIONS } from './sort.ts';
import { TIME_FUNCTIONS } from './time.ts';

export const INSTANT_FUNCTIONS: ReadonlyMap<string, InstantFunction> = new Map([
  ...ABSENT_FUNCTIONS,
  ...HISTOGRAM_QUANTILES,
  ...HISTOGRAM_STATISTICS,
  ...INFO_FUNCTIONS,
  ...LABEL_FUNCTIONS,
  ...MATH_FUNCTIONS,
  ...SCALAR_FUNCTIONS,
  ...SORT_FUNCTIONS,
  ...TIME_FUNCTIONS,
]);
