/**
 * Open rows by column: they are written row by row, so that each value of a series lies in a cache line of its own. Where
 * a query reads many series of a target, its rows are turned round once, which costs a few reads and saves all others.
 */
import type { OpenSnapshot } from './chunk.ts';
import { Cell } from './column/column-format.ts';

/** Columns read from one source before it is worth turning all of it. */
const READS_MIN = 8;
/** A few rows, as of an instant query, are read in place faster than turned, once it is known which are plain. */
const ROWS_MIN = 32;

export interface TurnedRows {
  /** Value (row, column), counted from the first wanted row, is at column * columnStep + row * rowStep. */
  readonly values: Float64Array;
  readonly columnStep: number;
  readonly rowStep: number;
  /** 1 for a column that has a float in every row. */
  readonly plain: Uint8Array;
  readonly rows: number;
}

interface Known {
  reads: number;
  turned: TurnedRows | undefined;
}

export class OpenColumns {
  readonly #known = new Map<OpenSnapshot, Known>();

  /** The rows fromRow … toRow - 1, always the same ones of a source; undefined while few columns of it were read. */
  of(open: OpenSnapshot, fromRow: number, toRow: number): TurnedRows | undefined {
    let known = this.#known.get(open);
    if (known === undefined) this.#known.set(open, (known = { reads: 0, turned: undefined }));
    if (known.turned === undefined && ++known.reads > READS_MIN) known.turned = turn(open, fromRow, toRow);
    return known.turned;
  }
}

function turn({ values, states, stride }: OpenSnapshot, fromRow: number, toRow: number): TurnedRows {
  const rows = toRow - fromRow;
  const plain = new Uint8Array(stride).fill(1);
  for (let row = 0; row < rows; row++) {
    const cell = (fromRow + row) * stride;
    for (let column = 0; column < stride; column++) if (states[cell + column] !== Cell.float) plain[column] = 0;
  }
  if (rows < ROWS_MIN) {
    return { values: values.subarray(fromRow * stride), columnStep: 1, rowStep: stride, plain, rows };
  }
  const turned = new Float64Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    const cell = (fromRow + row) * stride;
    for (let column = 0, at = row; column < stride; column++, at += rows) turned[at] = values[cell + column]!;
  }
  return { values: turned, columnStep: rows, rowStep: 1, plain, rows };
}
