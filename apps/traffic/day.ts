// A day in the life of a pizzeria: quiet mornings, lunch, dinner, and never nobody at all.

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** Even at five in the morning somebody is hungry, and a dashboard must not be empty. */
const QUIET_FACTOR = 0.55;

/** Peaks by hour: when, how much above the quiet level, and how many hours wide. */
const PEAKS = [
  { hour: 12.5, height: 0.75, width: 1.2 },
  { hour: 19.5, height: 1.15, width: 1.7 },
] as const;

/** The rate of orders at a moment, as a multiple of the average rate. Local time of the machine. */
export function demandAt(atMs: number): number {
  const date = new Date(atMs);
  const hour = date.getHours() + (atMs % HOUR_MS) / HOUR_MS;
  const peaks = PEAKS.map(({ hour: peak, height, width }) => {
    const straight = Math.abs(hour - peak);
    const distance = Math.min(straight, DAY_HOURS - straight);
    return height * Math.exp(-((distance / width) ** 2) / 2);
  });
  return QUIET_FACTOR + peaks.reduce((sum, peak) => sum + peak, 0);
}
