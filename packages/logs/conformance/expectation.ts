/** Holds a result against the expected lines of a scenario. */
import { parseGoFloat } from '../logql/go-number.ts';
import { type Label, type Labels, labelsKey, printLabels, sortLabels } from '../logql/labels.ts';
import { parseMatchers } from '../logql/parser.ts';

/** A result in the form in which expectations are written. */
export interface Outcome {
  readonly error?: string;
  readonly scalar?: number;
  readonly series?: readonly { readonly labels: Labels; readonly points: readonly (number | undefined)[] }[];
}

/** What differs, or undefined. */
export function differenceFrom(expected: readonly string[], outcome: Outcome): string | undefined {
  const fail = expected.find((line) => line.startsWith('expect fail'));
  if (fail !== undefined) return checkFailure(fail, outcome);
  if (outcome.error !== undefined) return `failed: ${outcome.error}`;
  if (outcome.scalar !== undefined) {
    const number = readNumber(expected[0] ?? '');
    return number !== undefined && sameNumber(number, outcome.scalar) ? undefined : `scalar ${outcome.scalar}`;
  }
  const ordered = expected.includes('expect ordered');
  const wanted = expected.filter((line) => line.startsWith('{')).map(parseSeries);
  return compareSeries(wanted, outcome.series ?? [], ordered);
}

export function printOutcome(outcome: Outcome): string {
  if (outcome.error !== undefined) return `error: ${outcome.error}`;
  if (outcome.scalar !== undefined) return String(outcome.scalar);
  const lines = (outcome.series ?? []).map(
    ({ labels, points }) => `${printLabels(labels)} ${points.map((point) => point ?? '_').join(' ')}`,
  );
  return lines.length === 0 ? 'empty' : lines.join('\n');
}

function checkFailure(line: string, outcome: Outcome): string | undefined {
  if (outcome.error === undefined) return 'did not fail';
  const [, kind, text = ''] = /^expect fail(?: (msg|regex): (.*))?$/s.exec(line) ?? [];
  const matches =
    kind === undefined || (kind === 'msg' ? outcome.error.includes(text) : new RegExp(text).test(outcome.error));
  return matches ? undefined : `failed otherwise: ${outcome.error}`;
}

function readNumber(text: string): number | undefined {
  const number = parseGoFloat(text);
  return 'value' in number ? number.value : undefined;
}

interface WantedSeries {
  readonly labels: Labels;
  readonly points: readonly (number | undefined)[];
}

const repetition = /^(.+?)([+-][\d.]+(?:e[+-]?\d+)?)?x(\d+)$/;

function parseSeries(line: string): WantedSeries {
  const end = line.lastIndexOf('}') + 1;
  const labels = sortLabels(parseMatchers(line.slice(0, end)).map(({ name, value }): Label => [name, value]));
  return { labels, points: line.slice(end).trim().split(/\s+/).flatMap(parsePoint) };
}

/** `_`, `5`, `_x3`, `5x3` (four points), `1+2x3` (1 3 5 7). */
function parsePoint(text: string): (number | undefined)[] {
  const [, start = text, delta = '0', times] = repetition.exec(text) ?? [];
  if (start === '_') return Array.from({ length: times === undefined ? 1 : Number(times) }, () => undefined);
  const value = readNumber(start);
  if (value === undefined) throw new Error(`"${text}" is not a point`);
  return Array.from({ length: times === undefined ? 1 : Number(times) + 1 }, (_, n) => value + n * Number(delta));
}

const TOLERANCE = 1e-9;

function sameNumber(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}

function compareSeries(
  wanted: readonly WantedSeries[],
  got: NonNullable<Outcome['series']>,
  ordered: boolean,
): string | undefined {
  if (wanted.length !== got.length) return `${got.length} series instead of ${wanted.length}`;
  const byLabels = new Map(got.map((series, place) => [labelsKey(series.labels), { series, place }]));
  for (const [place, { labels, points }] of wanted.entries()) {
    const found = byLabels.get(labelsKey(labels));
    if (found === undefined) return `${printLabels(labels)} is missing`;
    if (ordered && found.place !== place)
      return `${printLabels(labels)} is at place ${found.place + 1} instead of ${place + 1}`;
    const same =
      points.length === found.series.points.length &&
      points.every((point, at) => sameNumber(point, found.series.points[at]));
    if (!same) return `${printLabels(labels)} has other points`;
  }
  return undefined;
}
