/** Panels and rows that are repeated for each value of a variable. */
import type { Panel, Row, VariableValue } from './dashboard.ts';
import { isAll, type VariableState } from './variables/variable-scope.ts';

const COLUMNS = 24;

/** Copies of one panel or row; a variable with thousands of values must not make thousands of panels. */
export const REPEATS_MAX = 100;

/** Ids of copies: far above those of files, and stable from one refresh to the next. */
const COPY_ID_BASE = 1_000_000;

export function expandRepeats(rows: readonly Row[], states: ReadonlyMap<string, VariableState>): readonly Row[] {
  return rows
    .flatMap((row) => repeatRow(row, states))
    .map((row) => ({ ...row, panels: expandPanels(row.panels, states) }));
}

function repeatRow(row: Row, states: ReadonlyMap<string, VariableState>): readonly Row[] {
  if (row.repeat === undefined) return [row];
  const name = row.repeat;
  const values = valuesOf(states.get(name));
  if (values.length === 0) return [row];
  return values.map((value, copy) => ({
    ...row,
    id: copy === 0 ? row.id : COPY_ID_BASE * copy + Math.abs(row.id),
    title:
      row.title === undefined
        ? undefined
        : row.title.replaceAll(new RegExp(`\\$\\{?${name}\\b(:\\w+)?\\}?|\\[\\[${name}\\]\\]`, 'g'), () => value),
    panels: row.panels.map((panel) => copyOf(panel, copy, { [name]: value })),
  }));
}

function expandPanels(panels: readonly Panel[], states: ReadonlyMap<string, VariableState>): readonly Panel[] {
  if (!panels.some((panel) => panel.repeat !== undefined)) return panels;
  const sorted = panels.toSorted((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x);
  const placed: Panel[] = [];
  let pushedDown = 0;
  for (const panel of sorted) {
    const own = { ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y + pushedDown } };
    const values = panel.repeat === undefined ? [] : valuesOf(states.get(panel.repeat));
    if (values.length === 0 || Object.hasOwn(panel.scopedVariables, panel.repeat!)) {
      placed.push(own);
      continue;
    }
    const copies = layOut(own, values);
    placed.push(...copies);
    const bottom = Math.max(...copies.map((copy) => copy.gridPos.y + copy.gridPos.h));
    pushedDown += bottom - (own.gridPos.y + own.gridPos.h);
  }
  return placed;
}

function layOut(panel: Panel, values: readonly string[]): readonly Panel[] {
  const name = panel.repeat!;
  const perRow = panel.repeatDirection === 'v' ? 1 : Math.min(panel.maxPerRow, values.length);
  const width = panel.repeatDirection === 'v' ? panel.gridPos.w : Math.floor(COLUMNS / perRow);
  return values.map((value, copy) => ({
    ...copyOf(panel, copy, { [name]: value }),
    gridPos: {
      x: panel.repeatDirection === 'v' ? panel.gridPos.x : (copy % perRow) * width,
      y: panel.gridPos.y + Math.floor(copy / perRow) * panel.gridPos.h,
      w: width,
      h: panel.gridPos.h,
    },
  }));
}

function copyOf(panel: Panel, copy: number, scoped: Readonly<Record<string, VariableValue>>): Panel {
  return {
    ...panel,
    id: copy === 0 ? panel.id : COPY_ID_BASE * copy + Math.abs(panel.id),
    scopedVariables: { ...panel.scopedVariables, ...scoped },
  };
}

function valuesOf(state: VariableState | undefined): readonly string[] {
  if (state === undefined) return [];
  const values = isAll(state.value) ? state.options.map((option) => option.value) : state.value;
  return (typeof values === 'string' ? [values] : values).filter((value) => value !== '').slice(0, REPEATS_MAX);
}
