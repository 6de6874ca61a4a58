/** Values for a dashboard's variables without a data source: what the file has chosen, else a plausible word. */
import { ALL_VALUE, type Dashboard, type Variable } from '../dashboard.ts';
import type { VariableScope } from '../variables/interpolate.ts';
import { createScope, isAll, type VariableState } from '../variables/variable-scope.ts';

const RANGE_MS = 6 * 3_600_000;

export function sampleScope(dashboard: Dashboard): VariableScope {
  const states = new Map(dashboard.variables.map((variable) => [variable.name, sampleState(variable)]));
  return createScope(states, {
    range: { fromMs: 1_700_000_000_000, toMs: 1_700_000_000_000 + RANGE_MS },
    intervalMs: 15_000,
    rateIntervalMs: 60_000,
    dashboard: { uid: dashboard.uid, title: dashboard.title },
    timezone: 'utc',
  });
}

function sampleState(variable: Variable): VariableState {
  const placeholder = variable.type === 'interval' ? '1m' : 'sample';
  const options = variable.options.length > 0 ? variable.options : [{ text: placeholder, value: placeholder }];
  const { current } = variable;
  const chosen = typeof current === 'string' ? current : (current[0] ?? '');
  if (isAll(current)) return { variable, options, value: variable.multi ? [ALL_VALUE] : ALL_VALUE };
  // Empty may be a choice of its own (no further label to group by); otherwise nothing was chosen yet.
  const emptyIsChoice = variable.options.some((option) => option.value === '') || variable.type === 'textbox';
  const value = chosen === '' && !emptyIsChoice ? options[0]!.value || placeholder : current;
  return { variable, options, value };
}
