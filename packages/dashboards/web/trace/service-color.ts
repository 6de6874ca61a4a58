/** The colour of a service within a trace: by order of appearance, from the palette of the charts. */

/** How many `--series-N` the theme defines. */
const PALETTE_SIZE = 8;

export function serviceColor(index: number): string {
  return `var(--series-${(Math.max(0, index) % PALETTE_SIZE) + 1})`;
}
