/** Times and numbers of alerts in words. */

const STEPS: readonly (readonly [limitS: number, unitS: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [90, 1, 'second'],
  [90 * 60, 60, 'minute'],
  [36 * 3600, 3600, 'hour'],
  [Number.POSITIVE_INFINITY, 86_400, 'day'],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** `3 minutes ago`, `in 2 hours`. */
export function ago(time: string | number, nowMs = Date.now()): string {
  const deltaS = (new Date(time).getTime() - nowMs) / 1000;
  const [, unitS, unit] = STEPS.find(([limitS]) => Math.abs(deltaS) < limitS)!;
  return relative.format(Math.round(deltaS / unitS), unit);
}

/** Prometheus writes values of alerts as 1.5e+00. */
export function numberText(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : text;
}
