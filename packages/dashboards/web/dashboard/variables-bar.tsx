/** The variables of a dashboard, each as what it is: a list, a text, a fixed word. */
import { useState } from 'react';
import { ALL_VALUE, AUTO_INTERVAL, isAll, type VariableState, type VariableValue } from '../../model/index.ts';
import type { ResolvedVariables } from '../query/variable-values.ts';
import { setSearch } from '../router/router.ts';
import { Select } from '../ui/select.tsx';

export function VariablesBar({ resolved }: { readonly resolved: ResolvedVariables }) {
  const shown = [...resolved.states.values()].filter(
    ({ variable }) => variable.hide !== 'variable' && variable.type !== 'constant' && variable.type !== 'system',
  );
  if (shown.length === 0) return null;
  return (
    <div className="variables">
      {shown.map((state) => (
        <VariableField key={state.variable.name} state={state} failure={resolved.failures.get(state.variable.name)} />
      ))}
    </div>
  );
}

function VariableField({ state, failure }: { readonly state: VariableState; readonly failure: string | undefined }) {
  const { variable } = state;
  const change = (value: VariableValue) => setSearch({ [`var-${variable.name}`]: value });
  const label = variable.hide === 'label' ? undefined : variable.label;
  return (
    <div className="variable">
      {label !== undefined && <span className="variable-label">{label}</span>}
      {variable.type === 'textbox' ? (
        <TextVariable key={String(state.value)} state={state} onChange={change} />
      ) : (
        <ListVariable state={state} onChange={change} />
      )}
      {failure !== undefined && (
        <span className="variable-failure" title={failure}>
          no values
        </span>
      )}
    </div>
  );
}

interface FieldProps {
  readonly state: VariableState;
  readonly onChange: (value: VariableValue) => void;
}

function TextVariable({ state, onChange }: FieldProps) {
  const [text, setText] = useState(typeof state.value === 'string' ? state.value : state.value.join(','));
  const commit = () => text !== state.value && onChange(text);
  return (
    <input
      className="variable-text"
      aria-label={state.variable.label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}

function ListVariable({ state, onChange }: FieldProps) {
  const { variable, options, value } = state;
  if (variable.type === 'adhoc' || variable.type === 'groupby') {
    const written = variable.filters
      .map(({ key, operator, value: wanted }) => `${key} ${operator} ${wanted}`)
      .join(', ');
    return <span className="variable-fixed">{written === '' ? 'no filters' : written}</span>;
  }
  const all = variable.includeAll ? [{ text: 'All', value: ALL_VALUE }] : [];
  const auto =
    variable.type === 'interval' && variable.auto
      ? [{ text: 'auto', value: `${AUTO_INTERVAL}_interval_${variable.name}` }]
      : [];
  const chosen = isAll(value) ? [ALL_VALUE] : typeof value === 'string' ? [value] : value;
  return (
    <Select
      label={variable.label}
      options={[...all, ...auto, ...options]}
      chosen={chosen}
      multi={variable.multi}
      onChange={(next) => onChange(variable.multi ? exclusiveAll(next) : (next[0] ?? ''))}
    />
  );
}

/** All and single values exclude one another: what was chosen last counts. */
function exclusiveAll(chosen: readonly string[]): readonly string[] {
  if (chosen.at(-1) === ALL_VALUE || chosen.length === 0) return [ALL_VALUE];
  return chosen.filter((value) => value !== ALL_VALUE);
}
