/** An exposition that cannot be read, with the place. The scrape fails as a whole, as it does in the real server. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError';
  /** Counted from 1. */
  readonly line: number;

  /** `unit`: what is counted, where it is not lines. */
  constructor(line: number, problem: string, unit = 'line') {
    super(`${unit} ${line}: ${problem}`);
    this.line = line;
  }
}
