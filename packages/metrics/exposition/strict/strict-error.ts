/** What a strict OpenMetrics parser refuses, with the line where it stands. */
export class OpenMetricsError extends Error {
  override readonly name = 'OpenMetricsError';
  /** Counted from 1; 0 when the exposition as a whole is meant. */
  readonly line: number;

  constructor(line: number, problem: string) {
    super(line === 0 ? problem : `line ${line}: ${problem}`);
    this.line = line;
  }
}
