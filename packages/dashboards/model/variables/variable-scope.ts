/** Looks names up in the order in which they hide one another: the panel's, the dashboard's, the macros. */
import { ALL_VALUE, type Variable, type VariableOption, type VariableValue } from '../dashboard.ts';
import { formatDuration, parseDurationMs } from '../time/duration.ts';
import { calculateIntervalMs } from '../time/interval.ts';
import type { VariableBinding, VariableScope } from './interpolate.ts';
import { type MacroContext, macroBinding } from './macros.ts';

/** A variable with its options of this moment and what is chosen. */
export interface VariableState {
  readonly variable: Variable;
  readonly options: readonly VariableOption[];
  readonly value: VariableValue;
}

/** The value of an interval variable that follows the range. */
export const AUTO_INTERVAL = '$__auto';

export function createScope(
  states: ReadonlyMap<string, VariableState>,
  macros: MacroContext,
  scoped: Readonly<Record<string, VariableValue>> = {},
): VariableScope {
  return {
    lookup(name, path) {
      if (Object.hasOwn(scoped, name)) {
        const value = scoped[name]!;
        return { value, text: value, multi: states.get(name)?.variable.multi ?? false };
      }
      const state = states.get(name);
      if (state === undefined) return macroBinding(name, macros, path) ?? urlStateBinding(name, states);
      return bindingOf(state, macros);
    },
  };
}

function bindingOf(state: VariableState, macros: MacroContext): VariableBinding {
  const { variable, options, value } = state;
  const multi = variable.multi || variable.includeAll;
  if (variable.type === 'interval') return { ...intervalBinding(variable, value, macros), multi: false };
  if (isAll(value)) {
    if (variable.allValue !== '') return { value: variable.allValue, text: 'All', verbatim: true, multi };
    return { value: options.map((option) => option.value), text: 'All', multi };
  }
  return { value, text: textOf(options, value), multi };
}

function intervalBinding(variable: Variable, value: VariableValue, macros: MacroContext) {
  const chosen = typeof value === 'string' ? value : (value[0] ?? '');
  if (!chosen.startsWith(AUTO_INTERVAL)) return { value: chosen, text: chosen };
  const minMs = parseDurationMs(variable.autoMin) ?? 10_000;
  const rangeMs = macros.range.toMs - macros.range.fromMs;
  const interval = formatDuration(calculateIntervalMs(rangeMs, variable.autoCount, minMs));
  return { value: interval, text: interval };
}

/** `${__all_variables}` carries the page's variables into a link. */
function urlStateBinding(name: string, states: ReadonlyMap<string, VariableState>): VariableBinding | undefined {
  if (name !== '__all_variables') return undefined;
  const parameters = new URLSearchParams();
  for (const [key, { value }] of states) {
    for (const item of typeof value === 'string' ? [value] : value) parameters.append(`var-${key}`, item);
  }
  const text = parameters.toString();
  return { value: text, text, multi: false, verbatim: true };
}

export function isAll(value: VariableValue): boolean {
  return value === ALL_VALUE || (typeof value !== 'string' && value.includes(ALL_VALUE));
}

function textOf(options: readonly VariableOption[], value: VariableValue): VariableValue {
  const one = (item: string) => options.find((option) => option.value === item)?.text ?? item;
  return typeof value === 'string' ? one(value) : value.map(one);
}
