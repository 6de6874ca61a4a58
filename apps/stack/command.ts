/** What a subcommand of `mario` is. */

export interface Command {
  /** Lines of its own options, as `--help` prints them. */
  readonly options: readonly (readonly [flag: string, meaning: string])[];
  /** Positional arguments, as `--help` prints them: `FILE…`. */
  readonly operands?: string;
  /** Runs until done and gives the exit code; throws CommandFailure or an OperatingError for what the user can mend. */
  run(args: readonly string[]): Promise<number>;
}

/** A failure that is told in one line, with the exit code it deserves. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}
