/** Brings both layouts of Grafana (rows with spans until version 15, the grid after) to rows of panels on a grid. */
import type { GridPos, JsonObject, Panel, Problem, Row } from '../dashboard.ts';
import { asArray, asBoolean, asNumber, asObject, asString, isObject } from '../json.ts';
import { loadPanel } from './load-panel.ts';

const COLUMNS = 24;

/** A row of the old layout has twelve spans and a height in pixels; one grid unit is 30 px and 8 px of gap. */
const SPANS = 12;
const GRID_UNIT_PX = 38;
const OLD_ROW_HEIGHT_PX = 250;

interface RowDraft {
  id: number;
  title: string | undefined;
  collapsed: boolean;
  repeat: string | undefined;
  panels: Panel[];
}

export function loadRows(source: JsonObject, problems: Problem[]): readonly Row[] {
  const numbering = new PanelNumbering(source);
  if (Array.isArray(source.rows) && source.rows.length > 0) return loadOldRows(source, numbering, problems);
  return loadGrid(source, numbering, problems);
}

/** Ids are unique in a dashboard but files are edited by hand: the second holder of an id gets a new one. */
class PanelNumbering {
  readonly #taken = new Set<number>();
  #next: number;

  constructor(source: JsonObject) {
    this.#next = Math.max(0, ...collectIds(source)) + 1;
  }

  take(panel: JsonObject, where: string, problems: Problem[]): number {
    const id = asNumber(panel.id, 0);
    if (id > 0 && !this.#taken.has(id)) {
      this.#taken.add(id);
      return id;
    }
    const given = this.#next++;
    const what = id > 0 ? `the id ${id} is taken by another panel` : 'the panel has no id';
    problems.push({ where, message: `${what}; it is shown as ${given}` });
    this.#taken.add(given);
    return given;
  }
}

function collectIds(source: JsonObject): readonly number[] {
  const nested = [...asArray(source.panels), ...asArray(source.rows)].filter(isObject);
  return nested.flatMap((panel) => [asNumber(panel.id, 0), ...collectIds(panel)]);
}

function loadGrid(source: JsonObject, numbering: PanelNumbering, problems: Problem[]): readonly Row[] {
  const rows: RowDraft[] = [];
  const sorted = asArray(source.panels)
    .map((panel, index) => ({ panel, where: `panels[${index}]` }))
    .filter((entry): entry is { panel: JsonObject; where: string } => isObject(entry.panel))
    .sort((a, b) => yOf(a.panel) - yOf(b.panel));
  for (const { panel, where } of sorted) {
    if (asString(panel.type) === 'row') {
      const row = startRow(panel, numbering.take(panel, where, problems));
      asArray(panel.panels).forEach((inner, index) => {
        if (isObject(inner)) row.panels.push(panelAt(inner, `${where}.panels[${index}]`, numbering, problems));
      });
      rows.push(row);
      continue;
    }
    if (rows.length === 0) rows.push({ id: 0, title: undefined, collapsed: false, repeat: undefined, panels: [] });
    const loaded = panelAt(panel, where, numbering, problems);
    // What follows a collapsed row on the grid and is not inside it belongs to no header.
    const last = rows.at(-1)!;
    if (last.collapsed && last.panels.length > 0) {
      rows.push({ id: -loaded.id, title: undefined, collapsed: false, repeat: undefined, panels: [loaded] });
    } else last.panels.push(loaded);
  }
  return rows.map(fromTop);
}

function startRow(panel: JsonObject, id: number): RowDraft {
  return {
    id,
    title: asString(panel.title),
    collapsed: asBoolean(panel.collapsed, false),
    repeat: asString(panel.repeat) || undefined,
    panels: [],
  };
}

function panelAt(panel: JsonObject, where: string, numbering: PanelNumbering, problems: Problem[]): Panel {
  return loadPanel(panel, numbering.take(panel, where, problems), gridPosOf(panel), where, problems);
}

function gridPosOf(panel: JsonObject): GridPos {
  const pos = asObject(panel.gridPos);
  const w = clamp(Math.round(asNumber(pos.w, COLUMNS / 2)), 1, COLUMNS);
  return {
    x: clamp(Math.round(asNumber(pos.x, 0)), 0, COLUMNS - w),
    y: Math.max(0, Math.round(asNumber(pos.y, 0))),
    w,
    h: clamp(Math.round(asNumber(pos.h, 8)), 1, 200),
  };
}

function yOf(panel: JsonObject): number {
  return asNumber(asObject(panel.gridPos).y, 0);
}

function fromTop(row: RowDraft): Row {
  const top = Math.min(...row.panels.map((panel) => panel.gridPos.y));
  const panels = row.panels.map((panel) => ({ ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y - top } }));
  return { ...row, panels };
}

function loadOldRows(source: JsonObject, numbering: PanelNumbering, problems: Problem[]): readonly Row[] {
  const rows: Row[] = [];
  asArray(source.rows).forEach((entry, rowIndex) => {
    if (!isObject(entry)) return;
    const heightPx = asNumber(asString(entry.height).replace('px', '') || entry.height, OLD_ROW_HEIGHT_PX);
    const rowHeight = Math.max(3, Math.ceil(heightPx / GRID_UNIT_PX));
    const place = { x: 0, y: 0, tallest: 0 };
    const panels = asArray(entry.panels)
      .filter(isObject)
      .map((panel, index) => {
        const where = `rows[${rowIndex}].panels[${index}]`;
        const pos = flowInto(place, panel, rowHeight);
        return loadPanel(panel, numbering.take(panel, where, problems), pos, where, problems);
      });
    const titled =
      asBoolean(entry.showTitle, false) || asBoolean(entry.collapse, false) || asString(entry.repeat) !== '';
    rows.push({
      id: -1 - rowIndex,
      title: titled ? asString(entry.title, 'Row') : undefined,
      collapsed: asBoolean(entry.collapse, false),
      repeat: asString(entry.repeat) || undefined,
      panels,
    });
  });
  // Newer files may carry both: panels beside old rows are laid out first.
  return [...loadGrid({ panels: source.panels ?? [] }, numbering, problems), ...rows];
}

/** Old panels flow from left to right by their span and wrap. */
function flowInto(place: { x: number; y: number; tallest: number }, panel: JsonObject, rowHeight: number): GridPos {
  const w = clamp(Math.round((asNumber(panel.span, SPANS) * COLUMNS) / SPANS), 1, COLUMNS);
  const ownPx = asNumber(asString(panel.height).replace('px', ''), 0);
  const h = ownPx > 0 ? Math.max(3, Math.ceil(ownPx / GRID_UNIT_PX)) : rowHeight;
  if (place.x + w > COLUMNS) {
    place.y += place.tallest;
    place.x = 0;
    place.tallest = 0;
  }
  const pos = { x: place.x, y: place.y, w, h };
  place.x += w;
  place.tallest = Math.max(place.tallest, h);
  return pos;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
