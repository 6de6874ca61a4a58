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
  /** For stages that only look at the line: whether it passes. Leading ones run before an entry's labels are built. */
  readonly testsLine?: (line: string) => boolean;
  /** Gives the line as it goes on, or undefined when the entry is filtered out. */
  process(line: string, entry: EntryContext): string | undefined;
}
