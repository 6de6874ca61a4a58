/** The bytes of a column; the layout is drawn in docs/format/metrics-column.md. */
export const Kind = { constant: 1, integers: 2, deltas: 3, doubles: 4 } as const;

export const Head = { kindMask: 7, range: 8, holes: 16, stale: 32, histograms: 64 } as const;

/** States of a cell (one series in one row). */
export const Cell = { absent: 0, float: 1, stale: 2, histogram: 3 } as const;

/** 10^0 … 10^22 are exact doubles, so that dividing by one rounds once. */
export const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Beyond this, digits get lost; such columns are written as doubles. */
export const SCALE_MAX = 15;

/** Positions in a chunk are two bytes. */
export const CHUNK_ROWS_MAX = 65_535;

/** Integers beyond it are not told apart by a double. */
export const INTEGER_MAX = 2 ** 53;

/** What a delta costs that does not fit into the width of the others. */
export const EXCEPTION_BYTES = 10;
