/** The worker's side of a select: puts a set together from a message and what earlier ones brought. */
import { Labels } from '../model/labels.ts';
import type { SeriesSet } from '../queryable.ts';
import type { Source } from '../store/chunk.ts';
import { StoreSeriesSet } from '../store/series-set.ts';
import type { SelectedMessage } from './worker-messages.ts';

export class SelectReceiver {
  readonly #labels = new Map<number, Labels>();
  readonly #arrays = new Map<number, readonly Labels[]>();
  #texts: string[] = [];
  readonly #sources = new Map<number, Source>();

  unpack(message: SelectedMessage): SeriesSet {
    this.#learnLabels(message);
    for (const id of message.forgetSources) this.#sources.delete(id);
    for (const source of message.freshSources) this.#sources.set(source.id, source);
    const sources = Array.from(message.sourceIds, (id, i) =>
      asOf(this.#sources.get(id)!, message.sourceRows[i]!, message.histogramCounts[i]!),
    );
    return new StoreSeriesSet(this.#arrayOf(message), { ...message.snapshot, sources }, message.warnings);
  }

  #arrayOf({ array, refs, forgetArrays }: SelectedMessage): readonly Labels[] {
    for (const number of forgetArrays) this.#arrays.delete(number);
    if (refs === null) return this.#arrays.get(array)!;
    const labels: Labels[] = new Array(refs.length);
    for (let i = 0; i < labels.length; i++) labels[i] = this.#labels.get(refs[i]!)!;
    this.#arrays.set(array, labels);
    return labels;
  }

  #learnLabels({ forgetLabels, freshTexts, freshLabels }: SelectedMessage): void {
    if (forgetLabels) {
      this.#labels.clear();
      this.#arrays.clear();
      this.#texts = [];
    }
    for (const text of freshTexts) this.#texts.push(text);
    for (let at = 0; at < freshLabels.length; ) {
      const ref = freshLabels[at++]!;
      const pairs = new Array<string>(freshLabels[at++]!);
      for (let i = 0; i < pairs.length; i++) pairs[i] = this.#texts[freshLabels[at++]!]!;
      this.#labels.set(ref, Labels.fromSortedPairs(pairs));
    }
  }
}

/** Open rows go on growing: they are taken as they were at the select. */
function asOf(source: Source, rows: number, histogramCount: number): Source {
  if (source.kind === 'chunk' || (source.rows === rows && (source.histograms?.count ?? 0) === histogramCount)) {
    return source;
  }
  const { histograms } = source;
  return { ...source, rows, histograms: histograms === null ? null : { ...histograms, count: histogramCount } };
}
