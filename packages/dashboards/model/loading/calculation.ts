/** The names that the calculations of a series had over time. */
const RENAMED: Readonly<Record<string, string>> = {
  avg: 'mean',
  current: 'lastNotNull',
  total: 'sum',
  range: 'range',
  last_time: 'lastNotNull',
  '': 'lastNotNull',
};

/** Today's id of a calculation: `avg` is `mean`, `current` is `lastNotNull`. */
export function calculationOf(name: string): string {
  return Object.hasOwn(RENAMED, name) ? RENAMED[name]! : name;
}
