/** The anatomy of a compiled stage. */
import type { LabelsBuilder } from './labels-builder.ts';

export interface EntryContext {
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  readonly labels: LabelsBuilder;
}

export interface CompiledStage {
  /** Names that this stage reads, which parsers before it must therefore extract. */
  readonly requiredLabels: readonly string[];
  /** Gives the line as it goes on, or undefined when the entry is filtered out. */
  process(line: string, entry: EntryContext): string | undefined;
}
