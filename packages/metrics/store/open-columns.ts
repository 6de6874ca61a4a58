/**
 * Open rows by column: they are written row by row, so that each value of a series lies in a cache line of its own. Where
 * a query reads many series of a target, its rows are turned round once, which costs a few reads and saves all others.
 */
import type { OpenSnapshot } from './chunk.ts';
import { Cell } from './column/column-format.ts';
import { sharedFloat64 } from './shared-memory.ts';

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

/** One source, and how often it was read. */
export class OpenSource {
  readonly #open: OpenSnapshot;
  #reads = 0;
  turned: TurnedRows | undefined;

  constructor(open: OpenSnapshot) {
    this.#open = open;
  }

  /** The rows fromRow … toRow - 1, always the same ones of a source; undefined while few columns of it were read. */
  afterRead(fromRow: number, toRow: number): TurnedRows | undefined {
    if (++this.#reads > READS_MIN) this.turned = turn(this.#open, fromRow, toRow);
    return this.turned;
  }
}

export class OpenColumns {
  readonly #sources = new Map<OpenSnapshot, OpenSource>();

  of(open: OpenSnapshot): OpenSource {
    let source = this.#sources.get(open);
    if (source === undefined) this.#sources.set(open, (source = new OpenSource(open)));
    return source;
  }
}

function turn({ values, states, stride }: OpenSnapshot, fromRow: number, toRow: number): TurnedRows {
  const rows = toRow - fromRow;
  const plain = plainColumns(states, fromRow * stride, toRow * stride, stride);
  if (rows < ROWS_MIN) {
    return { values: values.subarray(fromRow * stride), columnStep: 1, rowStep: stride, plain, rows };
  }
  // Shared memory only because V8 would count other memory against the heap and mark it all (engine/slabs.ts).
  const turned = sharedFloat64(rows * stride);
  for (let row = 0; row < rows; row++) {
    const cell = (fromRow + row) * stride;
    for (let column = 0, at = row; column < stride; column++, at += rows) turned[at] = values[cell + column]!;
  }
  return { values: turned, columnStep: rows, rowStep: 1, plain, rows };
}

function plainColumns(states: Uint8Array, begin: number, end: number, stride: number): Uint8Array {
  const plain = new Uint8Array(stride);
  // Bits in which a state differs from that of a float, without a branch: of each row all states are looked at.
  for (let row = begin; row < end; row += stride) {
    for (let column = 0; column < stride; column++) plain[column]! |= states[row + column]! ^ Cell.float;
  }
  for (let column = 0; column < stride; column++) plain[column] = plain[column] === 0 ? 1 : 0;
  return plain;
}
