/** `/features`: what this server can do and what of it is switched on, by category, in the real server's names. */
import { functionSignatures } from '../promql/parse/signatures.ts';
import { AGGREGATORS, EXPERIMENTAL_AGGREGATORS } from '../promql/parse/token.ts';
import { RULE_FUNCTIONS } from '../rules/template/template-functions.ts';
import type { ApiSources } from './sources.ts';

type Switches = Readonly<Record<string, boolean>>;

const OPERATORS = '!= !~ % * + - / < <= == =~ > >= @ ^ and atan2 or unless'.split(' ');

const PROMQL_ALWAYS =
  'at_modifier bool by group_left group_right ignoring negative_offset offset on per_query_lookback_delta subqueries without';

const API_ALWAYS =
  'exclude_alerts label_values_match lifecycle otlp_write_receiver query_stats query_warnings remote_write_receiver time_range_labels time_range_series';

export function featureList({
  features,
  admin,
  perStepStats = false,
}: Pick<ApiSources, 'features' | 'admin' | 'perStepStats'>): Record<string, Switches> {
  const experimental = features.experimentalFunctions;
  return {
    api: sorted({ ...all(API_ALWAYS.split(' ')), admin: admin !== undefined }),
    otlp_receiver: { delta_conversion: true, native_delta_ingestion: false },
    prometheus: { agent_mode: false, auto_reload_config: false },
    promql: sorted({
      ...all(PROMQL_ALWAYS.split(' ')),
      anchored: features.extendedRangeSelectors,
      smoothed: features.extendedRangeSelectors,
      duration_expr: features.durationExpressions,
      per_step_stats: perStepStats,
      fill: features.binopFillModifiers,
      fill_left: features.binopFillModifiers,
      fill_right: features.binopFillModifiers,
    }),
    promql_functions: Object.fromEntries(
      functionSignatures().map(({ name, experimental: isNew }) => [name, !isNew || experimental]),
    ),
    promql_operators: {
      ...all(OPERATORS),
      ...Object.fromEntries(
        [...AGGREGATORS].sort().map((name) => [name, experimental || !EXPERIMENTAL_AGGREGATORS.has(name)]),
      ),
    },
    rules: { concurrent_rule_eval: false, keep_firing_for: true, query_offset: true },
    service_discovery_providers: { dns: true, file: true, http: true, static: true },
    templating_functions: all([...RULE_FUNCTIONS.keys()].sort()),
    tsdb: { exemplar_storage: true, native_histograms: true },
  };
}

function all(names: readonly string[]): Switches {
  return Object.fromEntries(names.map((name) => [name, true]));
}

function sorted(switches: Switches): Switches {
  return Object.fromEntries(Object.entries(switches).sort(([a], [b]) => (a < b ? -1 : 1)));
}
