/** Dots on a chart for single measurements; each leads to its trace. */
import type uPlot from 'uplot';
import type { Exemplar } from '../query/exemplar-frames.ts';

export interface ExemplarTarget {
  readonly href: string | undefined;
  readonly title: string;
}

/** Puts the dots over the drawing; called after each draw. */
export function placeExemplars(
  chart: uPlot,
  exemplars: readonly Exemplar[],
  scale: string | undefined,
  target: (exemplar: Exemplar) => ExemplarTarget,
): void {
  chart.over.querySelectorAll('.exemplar').forEach((dot) => {
    dot.remove();
  });
  if (scale === undefined) return;
  const { min, max } = chart.scales[scale] ?? {};
  if (min == null || max == null) return;
  for (const exemplar of exemplars) {
    const left = chart.valToPos(exemplar.timeMs, 'x');
    if (left < 0 || left > chart.over.clientWidth) continue;
    // A value beyond the scale is shown at its edge rather than not at all.
    const top = chart.valToPos(Math.min(max, Math.max(min, exemplar.value)), scale);
    chart.over.append(dotAt(left, top, target(exemplar)));
  }
}

function dotAt(left: number, top: number, { href, title }: ExemplarTarget): HTMLElement {
  const dot = document.createElement('a');
  dot.className = 'exemplar';
  dot.title = title;
  if (href !== undefined) dot.href = href;
  dot.style.left = `${left}px`;
  dot.style.top = `${top}px`;
  // A drag that starts on a dot is a click on it, not a zoom.
  dot.addEventListener('mousedown', (event) => event.stopPropagation());
  return dot;
}
