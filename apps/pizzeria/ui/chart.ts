// A bar chart as SVG: an axis with round numbers and a unit, names below, and its numbers as a table for whoever cannot
// see it or wants to copy them.

import { type Html, html } from './html.ts';

export interface Bar {
  /** What the bar stands for, in full: it is told when somebody points at the bar, and in the table. */
  readonly name: string;
  /** Below the axis; bars without one have none, so that the names do not touch. */
  readonly label?: string | undefined;
  readonly value: number;
}

export interface BarChart {
  readonly title: string;
  /** What the values are: `orders`, `dollars`. */
  readonly unit: string;
  readonly bars: readonly Bar[];
  readonly format: (value: number) => string;
  /** Beside the axis, where room is short; as `format` unless said. */
  readonly formatTick?: (value: number) => string;
}

/** In units of the drawing. */
const WIDTH = 960;
const HEIGHT = 240;
/** Room for `$1,200` in the letters of a phone. */
const LEFT = 104;
const TOP = 18;
const BOTTOM = 40;
const GRID_LINES = 4;
/** Width of a digit, on a phone; a name that would be cut at the right end stands before it. */
const LETTER = 17;

export function barChart({ title, unit, bars, format, formatTick = format }: BarChart): Html {
  const highest = niceCeiling(Math.max(0, ...bars.map(({ value }) => value)));
  const step = (WIDTH - LEFT) / Math.max(1, bars.length);
  const gap = Math.min(6, step * 0.2);
  const yOf = (value: number) => TOP + HEIGHT * (1 - value / highest);
  const rects = bars.map(({ name, value }, index) => {
    const y = yOf(value);
    return html`<rect x="${(LEFT + index * step + gap / 2).toFixed(1)}" y="${y.toFixed(1)}" width="${(step - gap).toFixed(1)}" height="${(TOP + HEIGHT - y).toFixed(1)}"><title>${name}: ${format(value)}</title></rect>`;
  });
  const labels = bars.map(({ label }, index) => {
    if (label === undefined) return '';
    const middle = LEFT + (index + 0.5) * step;
    const isCut = middle + (label.length * LETTER) / 2 > WIDTH;
    return html`<text class="name${isCut ? ' last' : ''}" x="${isCut ? WIDTH : middle.toFixed(1)}" y="${TOP + HEIGHT + 30}">${label}</text>`;
  });
  const grid = Array.from({ length: GRID_LINES + 1 }, (_, index) => {
    const value = (highest * index) / GRID_LINES;
    const y = yOf(value).toFixed(1);
    return html`<path class="${index === 0 ? 'axis' : 'grid'}" d="M${LEFT} ${y}H${WIDTH}"/><text class="tick" x="${LEFT - 10}" y="${(yOf(value) + 6).toFixed(1)}">${formatTick(value)}</text>`;
  });
  return html`<figure class="chart"><figcaption class="quiet">${unit}</figcaption><svg viewBox="0 0 ${WIDTH} ${TOP + HEIGHT + BOTTOM}" role="img" aria-label="${title}, ${unit}">
    ${grid}${rects}${labels}</svg>
  <details><summary>${title} as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="list"><thead><tr><th scope="col">When</th><th scope="col" class="number">${unit}</th></tr></thead>
  <tbody>${bars.map(({ name, value }) => html`<tr><td>${name}</td><td class="number">${format(value)}</td></tr>`)}</tbody></table></div></details></figure>`;
}

/** Below this the quarters must be whole: half an order is none. */
const WHOLE_QUARTERS_MAX = 20;

/** The next number that a quarter of reads well: 4, 8, 12, 16, 20, 24, 32, 40, 60, 80, 100, 120, 160, 200, … */
export function niceCeiling(value: number): number {
  if (value <= GRID_LINES) return GRID_LINES;
  if (value <= WHOLE_QUARTERS_MAX) return Math.ceil(value / GRID_LINES) * GRID_LINES;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find((each) => each * magnitude >= value)!;
  return factor * magnitude;
}
