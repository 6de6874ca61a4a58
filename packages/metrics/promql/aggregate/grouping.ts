// Which series belong to which group of an aggregation.
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { StepSeries } from '../engine/value.ts';
import type { Aggregate } from '../parse/ast.ts';

export interface Groups {
  /** Group of series i. */
  readonly of: Int32Array;
  readonly labels: readonly Labels[];
  /** Whether the group's name is to be dropped at the end. */
  readonly dropName: readonly boolean[];
}

/** Groups in the order in which their first series comes. */
export function groupSeries(series: readonly StepSeries[], node: Aggregate): Groups {
  const of = new Int32Array(series.length);
  const labels: Labels[] = [];
  const dropName: boolean[] = [];
  const byKey = new Map<string, number>();
  const names = new Set(node.grouping);
  const sorted = [...names].sort();
  const keepsName = !node.without && names.has(METRIC_NAME);
  const dropped = new Set([...names, METRIC_NAME]);
  series.forEach((one, i) => {
    const source = one.labels;
    const key = node.without ? source.keyWithout(dropped) : sorted.length === 0 ? '' : source.keyOf(sorted);
    let group = byKey.get(key);
    if (group === undefined) {
      group = labels.length;
      byKey.set(key, group);
      labels.push(node.without ? source.drop(dropped) : source.keep(names));
      dropName.push(false);
    }
    // The name leaves a group as soon as one member's name is to leave.
    if (keepsName && one.dropName) dropName[group] = true;
    of[i] = group;
  });
  return { of, labels, dropName };
}
