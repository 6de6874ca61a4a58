/** From an entry to a sample: its value (1, its bytes, or an unwrapped label) and the labels of the series it belongs to. */
import type { Conversion, Grouping, LabelFilter, LogRange, RangeOperator } from '../ast.ts';
import { parseByteSize } from '../byte-size.ts';
import { parseGoDuration } from '../duration.ts';
import { parseGoFloat } from '../go-number.ts';
import { type Label, type Labels, labelsKey, noLabels } from '../labels.ts';
import { compileLabelFilter } from '../pipeline/label-filter.ts';
import { type BaseLabels, ERROR_LABEL, type LabelsBuilder } from '../pipeline/labels-builder.ts';
import { allLabels, nothingNeeded, onlyLabels, type ParserHints } from '../pipeline/parser-hints.ts';
import { compileStages, Pipeline } from '../pipeline/pipeline.ts';
import type { CompiledStage } from '../pipeline/stage.ts';

const SAMPLE_EXTRACTION_ERROR = 'SampleExtractionErr';

export class SampleExtractor {
  /** The value of the entry that `extract` saw last. */
  value = 0;
  readonly #pipeline: Pipeline;
  readonly #read: (line: string, labels: LabelsBuilder) => number | undefined;
  readonly #readsLine: boolean;
  readonly #filters: readonly CompiledStage[];
  readonly #grouping: Grouping | undefined;
  /** The labels that a `by` keeps, sorted, each once. */
  readonly #names: readonly string[];
  readonly #dropped: string | undefined;

  /** `grouping`: which labels the series keep; undefined keeps all. */
  constructor(operator: RangeOperator, range: LogRange, grouping: Grouping | undefined) {
    const { unwrap, selector } = range;
    const stages = compileStages(selector.stages);
    this.#filters = (unwrap?.filters ?? []).map((filter: LabelFilter) => compileLabelFilter(filter));
    const unwraps = unwrap !== undefined;
    // An absence has no labels but those of the selector.
    const kept = operator === 'absent_over_time' ? { without: false, labels: [] } : grouping;
    this.#pipeline = new Pipeline(stages, hintsFor([...stages, ...this.#filters], kept, unwrap?.name));
    this.#grouping = kept;
    this.#names = [...new Set(kept?.labels ?? [])].sort();
    this.#dropped = unwraps ? unwrap.name : undefined;
    this.#readsLine = !unwraps && (operator === 'bytes_over_time' || operator === 'bytes_rate');
    this.#read = unwraps ? unwrapReader(unwrap.name, unwrap.conversion) : lineReader(operator);
  }

  /** Whether the entry can be a sample, by its line alone: `extract` expects that it is. */
  accepts(line: string): boolean {
    return this.#pipeline.accepts(line);
  }

  get needsLine(): boolean {
    return this.#pipeline.needsLine || this.#readsLine;
  }

  get needsMetadata(): boolean {
    return this.#pipeline.needsMetadata || this.#filters.length > 0;
  }

  /** True when the entry gives a sample: then `value`, `key()` and `labels()` are its own. */
  extract(stream: BaseLabels, timeNs: bigint, line: string, metadata: Labels): boolean {
    const result = this.#pipeline.run(stream, timeNs, line, metadata);
    if (result === undefined) return false;
    const value = this.#read(result, this.#pipeline.labels);
    if (value === undefined) return false;
    const entry = { timeNs, labels: this.#pipeline.labels };
    for (const filter of this.#filters) if (filter.process(result, entry) === undefined) return false;
    this.value = value;
    return true;
  }

  key(): string {
    const labels = this.#pipeline.labels;
    const grouping = this.#grouping;
    if (grouping === undefined && this.#dropped === undefined) return labels.key();
    if (grouping === undefined || grouping.without || labels.error !== '') return labelsKey(this.labels());
    // As labelsKey(labels()), without the labels: most entries belong to a series that is known.
    let key = '';
    for (const name of this.#names) {
      const value = labels.get(name);
      if (value !== undefined) key += `${name}\u0000${value}\u0001`;
    }
    return key;
  }

  labels(): Labels {
    const builder = this.#pipeline.labels;
    // Grouping must not hide an error.
    if (builder.error !== '') return builder.labels();
    const grouping = this.#grouping;
    if (grouping !== undefined && !grouping.without) return pickLabels(builder, this.#names);
    const all = builder.labels();
    if (grouping === undefined && this.#dropped === undefined) return all;
    return all.filter(([name]) => name !== this.#dropped && grouping?.labels.includes(name) !== true);
  }
}

function pickLabels(builder: LabelsBuilder, names: readonly string[]): Labels {
  if (names.length === 0) return noLabels;
  const picked: Label[] = [];
  for (const name of names) {
    const value = builder.get(name);
    if (value !== undefined) picked.push([name, value]);
  }
  return picked;
}

function lineReader(operator: RangeOperator): (line: string) => number {
  if (operator === 'bytes_over_time' || operator === 'bytes_rate') return (line) => Buffer.byteLength(line);
  return () => 1;
}

type Converted = number | { readonly error: string };

const conversions: Readonly<Record<Conversion, (text: string) => Converted>> = {
  bytes: (text) => {
    const size = parseByteSize(text);
    return 'bytes' in size ? size.bytes : size;
  },
  duration: convertDuration,
  duration_seconds: convertDuration,
};

function convertDuration(text: string): Converted {
  const duration = parseGoDuration(text);
  return 'ns' in duration ? duration.ns / 1e9 : duration;
}

function convertNumber(text: string): Converted {
  const number = parseGoFloat(text);
  return 'value' in number ? number.value : number;
}

/** A value that cannot be read is a sample with an error, which fails the query unless the error is filtered out. */
function unwrapReader(
  name: string,
  conversion: Conversion | undefined,
): (line: string, labels: LabelsBuilder) => number | undefined {
  const convert = conversion === undefined ? convertNumber : conversions[conversion];
  return (_line, labels) => {
    const text = labels.get(name);
    // An empty label is as good as none.
    if (text === undefined || text === '') return undefined;
    const value = convert(text);
    if (typeof value === 'number') return value;
    labels.fail(SAMPLE_EXTRACTION_ERROR, value.error);
    return 0;
  };
}

/** What the parsers must find: everything, unless the series keep only some labels. */
function hintsFor(
  stages: readonly CompiledStage[],
  grouping: Grouping | undefined,
  unwrapped: string | undefined,
): ParserHints {
  const required = stages.flatMap((stage) => stage.requiredLabels);
  if (unwrapped !== undefined) required.push(unwrapped);
  if (grouping !== undefined && !grouping.without) required.push(...grouping.labels);
  const preservesError = required.includes(ERROR_LABEL);
  // Which label an error is about cannot be known before everything was tried.
  if (preservesError || grouping === undefined || grouping.without) return { ...allLabels, preservesError };
  return required.length === 0 ? nothingNeeded : onlyLabels(required, preservesError);
}
