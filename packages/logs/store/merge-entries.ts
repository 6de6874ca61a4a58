/** Several ordered lists of entries as one. */
import type { LogEntries } from '../logql/evaluation/log-source.ts';

/** In order of time; equal times in the order of the lists. */
export function mergeEntries(lists: readonly LogEntries[]): LogEntries {
  if (lists.length === 1) return lists[0]!;
  const count = lists.reduce((sum, list) => sum + list.count, 0);
  const places: (readonly [list: LogEntries, index: number])[] = [];
  const timesNs = new BigInt64Array(count);
  let inOrder = true;
  let at = 0;
  for (const list of lists) {
    for (let i = 0; i < list.count; i++, at++) {
      places.push([list, i]);
      timesNs[at] = list.timesNs[i]!;
      if (at > 0 && timesNs[at]! < timesNs[at - 1]!) inOrder = false;
    }
  }
  if (!inOrder) {
    // Sorting is stable, which keeps equal times in their order.
    places.sort(([a, i], [b, j]) => (a.timesNs[i]! < b.timesNs[j]! ? -1 : a.timesNs[i]! > b.timesNs[j]! ? 1 : 0));
    for (const [place, [list, index]] of places.entries()) timesNs[place] = list.timesNs[index]!;
  }
  return {
    count,
    timesNs,
    line: (index) => places[index]![0].line(places[index]![1]),
    metadata: (index) => places[index]![0].metadata(places[index]![1]),
  };
}
