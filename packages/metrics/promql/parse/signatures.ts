// Names, argument types and result types of the functions.
import type { ValueType } from './ast.ts';

export interface FunctionSignature {
  readonly name: string;
  readonly args: readonly ValueType[];
  /** How many further arguments of the last type may follow (-1: any); the last listed argument is then optional. */
  readonly variadic: number;
  readonly returns: ValueType;
  readonly experimental: boolean;
}

const signatures = new Map<string, FunctionSignature>();

function define(
  names: string,
  args: readonly ValueType[],
  options: { variadic?: number; returns?: ValueType; experimental?: boolean } = {},
): void {
  for (const name of names.split(' ')) {
    signatures.set(name, {
      name,
      args,
      variadic: options.variadic ?? 0,
      returns: options.returns ?? 'vector',
      experimental: options.experimental ?? false,
    });
  }
}

define('abs absent ceil exp floor ln log10 log2 sgn sort sort_desc sqrt timestamp', ['vector']);
define('acos acosh asin asinh atan atanh cos cosh deg rad sin sinh tan tanh', ['vector']);
define('histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar', ['vector']);
define('days_in_month day_of_month day_of_week day_of_year hour minute month year', ['vector'], { variadic: 1 });
define('absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate', ['matrix']);
define('last_over_time max_over_time min_over_time present_over_time rate resets', ['matrix']);
define('stddev_over_time stdvar_over_time sum_over_time', ['matrix']);
define('first_over_time mad_over_time', ['matrix'], { experimental: true });
define('ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time', ['matrix'], {
  experimental: true,
});
define('clamp', ['vector', 'scalar', 'scalar']);
define('clamp_max clamp_min', ['vector', 'scalar']);
define('round', ['vector', 'scalar'], { variadic: 1 });
define('double_exponential_smoothing', ['matrix', 'scalar', 'scalar'], { experimental: true });
define('predict_linear', ['matrix', 'scalar']);
define('quantile_over_time', ['scalar', 'matrix']);
define('histogram_fraction', ['scalar', 'scalar', 'vector']);
define('histogram_quantile', ['scalar', 'vector']);
define('histogram_quantiles', ['vector', 'string', 'scalar', 'scalar'], { variadic: 9, experimental: true });
define('info', ['vector', 'vector'], { variadic: 1, experimental: true });
define('label_replace', ['vector', 'string', 'string', 'string', 'string']);
define('label_join', ['vector', 'string', 'string', 'string'], { variadic: -1 });
define('sort_by_label sort_by_label_desc', ['vector', 'string'], { variadic: -1, experimental: true });
define('pi time', [], { returns: 'scalar' });
define('min_of max_of', ['scalar', 'scalar'], { returns: 'scalar', experimental: true });
define('start_timestamp', ['vector'], { experimental: true });
define('start end step range', [], { returns: 'scalar', experimental: true });
define('scalar', ['vector'], { returns: 'scalar' });
define('vector', ['scalar']);

/** All of them, sorted by name. */
export function functionSignatures(): readonly FunctionSignature[] {
  return [...signatures.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function functionSignature(name: string): FunctionSignature | undefined {
  return signatures.get(name);
}
