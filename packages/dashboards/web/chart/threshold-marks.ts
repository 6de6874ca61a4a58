/** Draws a panel's thresholds behind its series: lines, areas or both. */
import type uPlot from 'uplot';
import { scaleKey, withAlpha } from './chart-options.ts';
import type { ChartSeries } from './chart-series.ts';

export interface ThresholdStep {
  /** Null for the first, which covers everything below the second. */
  readonly value: number | null;
  readonly color: string;
}

const AREA_OPACITY = 0.1;

/** Once for each scale, by the first series on it that asks for marks. */
export function drawThresholds(chart: uPlot, series: readonly ChartSeries[], colorOf: (name: string) => string): void {
  const done = new Set<string>();
  for (const one of series) {
    const mode = one.draw.thresholdsStyle?.mode ?? 'off';
    const key = scaleKey(one);
    if (mode === 'off' || done.has(key)) continue;
    done.add(key);
    const steps = (one.field.config.thresholds?.steps ?? []).map(({ value, color }) => ({
      value,
      color: colorOf(color),
    }));
    if (mode.includes('area')) drawAreas(chart, key, steps);
    if (mode !== 'area') drawLines(chart, key, steps, mode.startsWith('dashed'));
  }
}

function drawAreas(chart: uPlot, key: string, steps: readonly ThresholdStep[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  steps.forEach(({ value, color }, index) => {
    const next = steps[index + 1]?.value;
    const bottom = position(chart, key, value, bbox.top + bbox.height);
    const top = position(chart, key, next, bbox.top);
    if (bottom <= top) return;
    ctx.fillStyle = withAlpha(color, AREA_OPACITY);
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  });
  ctx.restore();
}

function drawLines(chart: uPlot, key: string, steps: readonly ThresholdStep[], dashed: boolean): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  if (dashed) ctx.setLineDash([8 * devicePixelRatio, 6 * devicePixelRatio]);
  for (const { value, color } of steps) {
    if (value == null || !Number.isFinite(value)) continue;
    const y = chart.valToPos(value, key, true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = color;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

function position(chart: uPlot, key: string, value: number | null | undefined, otherwise: number): number {
  if (value == null || !Number.isFinite(value)) return otherwise;
  const { top, height } = chart.bbox;
  return Math.min(top + height, Math.max(top, chart.valToPos(value, key, true)));
}
