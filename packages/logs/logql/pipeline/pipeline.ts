/** The stages of a selector, one after the other, over one entry at a time. */
import type { LogSelector, Stage } from '../ast.ts';
import type { Labels } from '../labels.ts';
import { compileStage } from './compile-stage.ts';
import { type BaseLabels, LabelsBuilder } from './labels-builder.ts';
import { allLabels, type ParserHints } from './parser-hints.ts';
import type { CompiledStage } from './stage.ts';

export class Pipeline {
  /** The labels of the entry that `run` saw last. */
  readonly labels: LabelsBuilder;
  /** Whether anything in the pipeline, or behind it, can see an entry's structured metadata. */
  readonly needsMetadata: boolean;
  readonly #lineTests: readonly ((line: string) => boolean)[];
  readonly #stages: readonly CompiledStage[];

  constructor(stages: readonly CompiledStage[], hints: ParserHints = allLabels) {
    const first = stages.findIndex((stage) => stage.testsLine === undefined);
    const split = first < 0 ? stages.length : first;
    this.#lineTests = stages.slice(0, split).map((stage) => stage.testsLine!);
    this.#stages = stages.slice(split);
    this.needsMetadata = !hints.nothing || this.#stages.length > 0;
    this.labels = new LabelsBuilder(hints);
  }

  /** The leading line filters alone: `run` expects that the line has passed them. */
  accepts(line: string): boolean {
    for (const test of this.#lineTests) if (!test(line)) return false;
    return true;
  }

  /** Gives the line as the other stages made it, or undefined when one of them filtered the entry out. */
  run(stream: BaseLabels, timeNs: bigint, line: string, metadata: Labels): string | undefined {
    const { labels } = this;
    labels.reset(stream, metadata);
    const entry = { timeNs, labels };
    let current: string | undefined = line;
    for (const stage of this.#stages) {
      current = stage.process(current, entry);
      if (current === undefined) return undefined;
    }
    return current;
  }
}

export function compileStages(stages: readonly Stage[]): readonly CompiledStage[] {
  return stages.map(compileStage);
}

/** Texts that every line of the result must hold as it was stored: what lets the store skip blocks unread. */
export function needlesOf(selector: LogSelector): readonly string[] {
  const needles: string[] = [];
  for (const stage of selector.stages) {
    if (stage.kind === 'lineFormat' || stage.kind === 'unpack' || stage.kind === 'decolorize') break;
    if (stage.kind !== 'lineFilter' || stage.operator !== '|=' || stage.operands.length !== 1) continue;
    const [operand] = stage.operands;
    if (!operand!.ip && operand!.text !== '') needles.push(operand!.text);
  }
  return needles;
}
