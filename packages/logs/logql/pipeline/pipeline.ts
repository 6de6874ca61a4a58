/** The stages of a selector, one after the other, over one entry at a time. */
import type { LabelFilter, LogSelector, Stage } from '../ast.ts';
import type { Needles } from '../evaluation/log-source.ts';
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
  /** Whether any stage looks at the line. */
  readonly needsLine: boolean;
  readonly #lineTests: readonly ((line: string) => boolean)[];
  readonly #stages: readonly CompiledStage[];

  constructor(stages: readonly CompiledStage[], hints: ParserHints = allLabels) {
    const first = stages.findIndex((stage) => stage.testsLine === undefined);
    const split = first < 0 ? stages.length : first;
    this.#lineTests = stages.slice(0, split).map((stage) => stage.testsLine!);
    this.#stages = stages.slice(split);
    this.needsLine = stages.length > 0;
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

/** What every entry of the result must have as it was stored. */
export function needlesOf(selector: LogSelector): Needles {
  const line: string[] = [];
  const labels: (readonly [string, string])[] = [];
  let lineAsStored = true;
  let labelsAsStored = true;
  for (const stage of selector.stages) {
    switch (stage.kind) {
      case 'lineFilter': {
        const [operand, ...others] = stage.operands;
        const plain = stage.operator === '|=' && others.length === 0 && !operand!.ip && operand!.text !== '';
        if (lineAsStored && plain) line.push(operand!.text);
        break;
      }
      case 'labelFilter':
        if (labelsAsStored) labels.push(...demandedLabels(stage.filter));
        break;
      case 'lineFormat':
      case 'decolorize':
        lineAsStored = false;
        break;
      case 'drop':
      case 'keep':
        break;
      default:
        // A parser or a format may set the label that a later filter asks for.
        labelsAsStored = false;
        if (stage.kind === 'unpack') lineAsStored = false;
    }
  }
  return { line, labels };
}

/** The equalities that must all hold. */
function demandedLabels(filter: LabelFilter): (readonly [string, string])[] {
  if (filter.kind === 'and') return [...demandedLabels(filter.left), ...demandedLabels(filter.right)];
  if (filter.kind !== 'string' || filter.matcher.operator !== '=' || filter.matcher.value === '') return [];
  // Errors are made by stages, not stored.
  return filter.matcher.name.startsWith('__') ? [] : [[filter.matcher.name, filter.matcher.value]];
}
