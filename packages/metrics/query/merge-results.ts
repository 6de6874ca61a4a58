/** Puts the parts of a split query together: exactly what one evaluation over all steps or series would have given. */
import { compareLabels } from '../model/labels.ts';
import { type Annotation, type MatrixSeries, QueryError, type QueryResult } from '../promql/index.ts';

/** Parts are in the order of their steps or series. */
export function mergeResults(parts: readonly QueryResult[], by: 'steps' | 'series', samplesMax: number): QueryResult {
  return { ...mergeHeads(parts, samplesMax), data: mergeData(parts, by) };
}

/** What is said of a result beside its data. */
export type ResultHead = Omit<QueryResult, 'data'>;

export function mergeHeads(parts: readonly ResultHead[], samplesMax: number): ResultHead {
  const samplesPeak = parts.reduce((sum, part) => sum + part.samplesPeak, 0);
  if (samplesPeak > samplesMax) {
    // Each part alone was within the limit.
    throw new QueryError(
      'too_many_samples',
      'query processing would load too many samples into memory in query execution',
    );
  }
  return {
    ...parts[0]!,
    warnings: unique(parts.flatMap(({ warnings }) => warnings)),
    infos: uniqueInfos(parts.flatMap(({ infos }) => infos)),
    annotations: uniqueAnnotations(parts.flatMap(({ annotations }) => annotations)),
    samplesPeak,
    samplesTotal: parts.reduce((sum, part) => sum + part.samplesTotal, 0),
  };
}

function mergeData(parts: readonly QueryResult[], by: 'steps' | 'series'): QueryResult['data'] {
  const { data } = parts[0]!;
  if (by === 'steps') return { type: 'matrix', series: joinSteps(parts.map(seriesOf)) };
  if (data.type === 'matrix') return { type: 'matrix', series: parts.flatMap(seriesOf) };
  if (data.type !== 'vector') throw new Error(`BUG: a ${data.type} was split by series`);
  const samples = parts.flatMap((part) => (part.data.type === 'vector' ? part.data.samples : []));
  return { ...data, samples };
}

function seriesOf({ data }: QueryResult): readonly MatrixSeries[] {
  if (data.type !== 'matrix') throw new Error(`BUG: a part of a range query gave a ${data.type}`);
  return data.series;
}

/** Series with equal labels become one; each part is sorted by labels. */
function joinSteps(parts: readonly (readonly MatrixSeries[])[]): readonly MatrixSeries[] {
  const times = new JoinedTimes();
  return parts.reduce((left, right) => {
    const out: MatrixSeries[] = [];
    let l = 0;
    let r = 0;
    while (l < left.length || r < right.length) {
      const a = left[l];
      const b = right[r];
      const order = a === undefined ? 1 : b === undefined ? -1 : compareLabels(a.labels, b.labels);
      if (order === 0) {
        out.push(joinTwo(a!, b!, times));
        l++;
        r++;
      } else if (order < 0) {
        out.push(a!);
        l++;
      } else {
        out.push(b!);
        r++;
      }
    }
    return out;
  });
}

function joinTwo(a: MatrixSeries, b: MatrixSeries, times: JoinedTimes): MatrixSeries {
  const length = a.timestamps.length;
  const total = length + b.timestamps.length;
  const values = new Float64Array(total);
  values.set(a.values.subarray(0, length));
  values.set(b.values.subarray(0, total - length), length);
  const histograms =
    a.histograms === null && b.histograms === null
      ? null
      : Array.from({ length: total }, (_, i) => (i < length ? a.histograms?.[i] : b.histograms?.[i - length]));
  return { labels: a.labels, timestamps: times.of(a.timestamps, b.timestamps), values, histograms };
}

/** Series without gaps share their times: joined once for all of them. */
class JoinedTimes {
  readonly #known = new Map<Float64Array, Map<Float64Array, Float64Array>>();

  of(a: Float64Array, b: Float64Array): Float64Array {
    let byRight = this.#known.get(a);
    if (byRight === undefined) this.#known.set(a, (byRight = new Map()));
    let joined = byRight.get(b);
    if (joined === undefined) {
      joined = new Float64Array(a.length + b.length);
      joined.set(a);
      joined.set(b, a.length);
      byRight.set(b, joined);
    }
    return joined;
  }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** What infos about raised buckets say of their extent, around which the text is the same for all parts. */
const EXTENT =
  /^(.*), from buckets (\S+) to (\S+), with a max diff of (\S+), over (\d+) samples from (\S+) to (\S+)( \(\d+:\d+\))$/;

/** Each info once; those that tell how far they reach become one that reaches over all parts. */
export function uniqueInfos(infos: readonly string[]): string[] {
  const plain: string[] = [];
  const byText = new Map<string, string[]>();
  for (const info of unique(infos)) {
    const extent = EXTENT.exec(info);
    if (extent === null) {
      plain.push(info);
      continue;
    }
    const [, head, from, to, fall, samples, first, last, place] = extent as unknown as string[];
    const key = head! + place!;
    const other = byText.get(key);
    byText.set(key, [
      head!,
      other === undefined || number(from!) < number(other[1]!) ? from! : other[1]!,
      other === undefined || number(to!) > number(other[2]!) ? to! : other[2]!,
      other === undefined || Number(fall) > Number(other[3]) ? fall! : other[3]!,
      String(Number(samples) + Number(other?.[4] ?? 0)),
      other === undefined || first! < other[5]! ? first! : other[5]!,
      other === undefined || last! > other[6]! ? last! : other[6]!,
      place!,
    ]);
  }
  const merged = [...byText.values()].map(
    ([head, from, to, fall, samples, first, last, place]) =>
      `${head}, from buckets ${from} to ${to}, with a max diff of ${fall}, over ${samples} samples from ${first} to ${last}${place}`,
  );
  return [...plain, ...merged];
}

function number(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}

function uniqueAnnotations(annotations: readonly Annotation[]): Annotation[] {
  return [...new Map(annotations.toReversed().map((one) => [one.text, one])).values()].toReversed();
}
