/**
 * A matrix, or a part of one, on its way to JSON. Threads that evaluate parts of a query write the points of theirs
 * (TextPart) at the same time; who puts them together copies bytes. What is too large for that stays data (DataPart).
 */
import { compareLabels, Labels } from '../model/labels.ts';
import type { MatrixSeries } from '../promql/index.ts';
import type { JsonBytes } from './json-bytes.ts';
import { PointText } from './point-text.ts';

export interface MatrixPart {
  readonly labels: readonly Labels[];
  /** Write the points of a series, each behind a comma. */
  floats(json: JsonBytes, index: number): void;
  natives(json: JsonBytes, index: number): void;
}

export class DataPart implements MatrixPart {
  readonly labels: readonly Labels[];
  readonly #series: readonly MatrixSeries[];
  readonly #points = new PointText();

  constructor(series: readonly MatrixSeries[]) {
    this.#series = series;
    this.labels = series.map(({ labels }) => labels);
  }

  floats(json: JsonBytes, index: number): void {
    this.#points.floats(json, this.#series[index]!);
  }

  natives(json: JsonBytes, index: number): void {
    this.#points.natives(json, this.#series[index]!);
  }
}

/** Points of series as text, as it crosses threads: first the floats of a series, then its histograms. */
export interface PointTexts {
  readonly keys: readonly string[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the floats and where the histograms of each series end. */
  readonly ends: Float64Array<ArrayBuffer>;
}

export class TextPart implements MatrixPart {
  readonly labels: readonly Labels[];
  readonly #texts: PointTexts;

  constructor(texts: PointTexts, labels: readonly Labels[] = texts.keys.map((key) => Labels.fromKey(key))) {
    this.#texts = texts;
    this.labels = labels;
  }

  floats(json: JsonBytes, index: number): void {
    const { bytes, ends } = this.#texts;
    json.copy(bytes.subarray(index === 0 ? 0 : ends[2 * index - 1]!, ends[2 * index]!));
  }

  natives(json: JsonBytes, index: number): void {
    const { bytes, ends } = this.#texts;
    if (ends[2 * index + 1]! > ends[2 * index]!) json.copy(bytes.subarray(ends[2 * index]!, ends[2 * index + 1]!));
  }
}

/** Beyond so many points, some 80 MB of text, a part is not written before it is sent. */
const TEXT_POINTS_MAX = 2_000_000;

/** A usual point: a time of fourteen digits, a value of seventeen, and what is around them. */
const POINT_BYTES = 40;

/** What the longest point takes, in the usual case: the last points of a series are written where there is room for it. */
const POINT_BYTES_MAX = 64;

/** The points of the series as text, written into `json`; undefined when there are too many. */
export function pointTexts(series: readonly MatrixSeries[], json: JsonBytes): PointTexts | undefined {
  let points = 0;
  let longest = 0;
  for (const { timestamps } of series) {
    points += timestamps.length;
    longest = Math.max(longest, timestamps.length);
  }
  if (points > TEXT_POINTS_MAX) return undefined;
  json.reserve(points * POINT_BYTES + longest * POINT_BYTES_MAX);
  const text = new PointText();
  const ends = new Float64Array(series.length * 2);
  series.forEach((one, i) => {
    text.floats(json, one);
    ends[2 * i] = json.length;
    text.natives(json, one);
    ends[2 * i + 1] = json.length;
  });
  return { keys: series.map(({ labels }) => labels.key), bytes: json.bytes.subarray(0, json.length), ends };
}

/** Which series of each part are one series of the whole: for each of those an index by part, -1 where it has none. */
export type JoinedSeries = readonly Int32Array[];

/** Parts by steps: series with equal labels become one. Each part is sorted by labels. */
export function joinBySteps(parts: readonly MatrixPart[]): JoinedSeries {
  const joined: Int32Array[] = [];
  const next = new Int32Array(parts.length);
  for (;;) {
    let least: Labels | undefined;
    parts.forEach(({ labels }, p) => {
      const own = labels[next[p]!];
      if (own !== undefined && (least === undefined || compareLabels(own, least) < 0)) least = own;
    });
    if (least === undefined) return joined;
    const row = new Int32Array(parts.length).fill(-1);
    for (let p = 0; p < parts.length; p++) {
      const own = parts[p]!.labels[next[p]!];
      if (own !== undefined && (own === least || compareLabels(own, least) === 0)) row[p] = next[p]!++;
    }
    joined.push(row);
  }
}

/** Parts by series: one after the other. */
export function joinBySeries(parts: readonly MatrixPart[]): JoinedSeries {
  return parts.flatMap(({ labels }, p) =>
    labels.map((_, i) => new Int32Array(parts.length).fill(-1).fill(i, p, p + 1)),
  );
}
