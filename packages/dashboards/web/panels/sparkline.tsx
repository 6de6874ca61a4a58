/** The course of a value, small and without axes, behind a number or in a cell. */
import type { FieldSparkline } from '../../model/frames/grafana-data.ts';

const WIDTH = 200;
const HEIGHT = 60;

export function Sparkline({
  sparkline,
  color,
  className = 'sparkline',
}: {
  readonly sparkline: Pick<FieldSparkline, 'y'>;
  readonly color: string;
  readonly className?: string;
}) {
  const { line, area } = sparklinePath(sparkline.y.values as (number | null)[]);
  if (line === '') return null;
  return (
    <svg className={className} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={area} fill={color} opacity="0.14" />
      <path
        d={line}
        fill="none"
        stroke={color}
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
        opacity="0.75"
      />
    </svg>
  );
}

/** Gaps stay gaps; a value that never changes is a line in the middle. */
export function sparklinePath(values: readonly (number | null | undefined)[]): {
  readonly line: string;
  readonly area: string;
} {
  const known = values.filter((value): value is number => value != null && Number.isFinite(value));
  if (known.length < 2) return { line: '', area: '' };
  const min = known.reduce((least, value) => Math.min(least, value));
  const max = known.reduce((most, value) => Math.max(most, value));
  const y = (value: number) => (max === min ? HEIGHT / 2 : HEIGHT - 4 - ((value - min) / (max - min)) * (HEIGHT - 8));
  let line = '';
  let area = '';
  let start: number | undefined;
  let lastX = 0;
  values.forEach((value, index) => {
    const x = (index / (values.length - 1)) * WIDTH;
    if (value == null || !Number.isFinite(value)) {
      if (start !== undefined) area += `L${round(lastX)} ${HEIGHT}Z`;
      start = undefined;
      return;
    }
    const point = `${round(x)} ${round(y(value))}`;
    line += start === undefined ? `M${point}` : `L${point}`;
    area += start === undefined ? `M${round(x)} ${HEIGHT}L${point}` : `L${point}`;
    start ??= x;
    lastX = x;
  });
  if (start !== undefined) area += `L${round(lastX)} ${HEIGHT}Z`;
  return { line, area };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
