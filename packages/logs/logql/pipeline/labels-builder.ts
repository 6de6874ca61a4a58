/**
 * The labels of one entry on its way through a pipeline, in three categories: the stream's own, structured metadata, and
 * what parsers and formats made. On a clash of names the stream wins over metadata and metadata over parsed labels; the
 * loser's name gets the suffix `_extracted`.
 */
import { type Label, type Labels, labelsKey, sortLabels } from '../labels.ts';
import type { ParserHints } from './parser-hints.ts';

export const ERROR_LABEL = '__error__';
export const ERROR_DETAILS_LABEL = '__error_details__';
export const PRESERVE_ERROR_LABEL = '__preserve_error__';
export const DUPLICATE_SUFFIX = '_extracted';

/** The labels of a stream, prepared once for all its entries. */
export interface BaseLabels {
  readonly labels: Labels;
  readonly map: ReadonlyMap<string, string>;
  readonly key: string;
}

export function baseLabels(labels: Labels): BaseLabels {
  return { labels, map: new Map(labels), key: labelsKey(labels) };
}

export interface LabelsResult {
  readonly stream: Labels;
  readonly metadata: Labels;
  readonly parsed: Labels;
}

export class LabelsBuilder {
  readonly hints: ParserHints;
  error = '';
  errorDetails = '';
  #base: BaseLabels = baseLabels([]);
  readonly #metadata = new Map<string, string>();
  readonly #parsed = new Map<string, string>();
  readonly #deleted = new Set<string>();
  /** What parsers have set for this entry, also when it was dropped since: the first to find a name keeps it. */
  readonly #extracted = new Set<string>();

  constructor(hints: ParserHints) {
    this.hints = hints;
  }

  reset(base: BaseLabels, metadata: Labels): void {
    this.#base = base;
    this.error = '';
    this.errorDetails = '';
    if (this.#metadata.size > 0) this.#metadata.clear();
    if (this.#parsed.size > 0) this.#parsed.clear();
    if (this.#deleted.size > 0) this.#deleted.clear();
    if (this.#extracted.size > 0) this.#extracted.clear();
    for (const [name, value] of metadata) this.#addMetadata(name, value);
  }

  #addMetadata(name: string, value: string): void {
    if (name === ERROR_LABEL) this.error = value;
    else if (name === ERROR_DETAILS_LABEL) this.errorDetails = value;
    else this.#metadata.set(this.#base.map.has(name) ? name + DUPLICATE_SUFFIX : name, value);
  }

  get(name: string): string | undefined {
    const added = this.#metadata.get(name) ?? this.#parsed.get(name);
    if (added !== undefined) return added;
    return this.#deleted.has(name) ? undefined : this.#base.map.get(name);
  }

  /** What a string comparison sees: '' for a label that is not there, the error for `__error__`. */
  text(name: string): string {
    if (name === ERROR_LABEL) return this.error;
    if (name === ERROR_DETAILS_LABEL) return this.errorDetails;
    return this.get(name) ?? '';
  }

  baseHas(name: string): boolean {
    return this.#base.map.has(name);
  }

  /**
   * The name under which a parser may set `name`, or undefined when the query does not need it or an earlier parser
   * (or an earlier occurrence in the line) has it already.
   */
  parserName(name: string): string | undefined {
    const target = this.#base.map.has(name) || this.#metadata.has(name) ? name + DUPLICATE_SUFFIX : name;
    return this.hints.wants(target) && !this.#extracted.has(target) ? target : undefined;
  }

  /** Sets a label that a parser found; says whether the query needs more of this entry. */
  extract(target: string, value: string): boolean {
    this.set(target, value);
    this.#extracted.add(target);
    return !this.hints.complete(this.#extracted);
  }

  set(name: string, value: string): void {
    this.#metadata.delete(name);
    this.#parsed.set(name, value);
  }

  delete(name: string): void {
    this.#metadata.delete(name);
    this.#parsed.delete(name);
    this.#deleted.add(name);
  }

  fail(error: string, details: string): void {
    this.error = error;
    this.errorDetails = details;
  }

  /** A parser's failure; a query that looks at the error label gets it as a result. */
  failParser(error: string, details: string): void {
    this.fail(error, details);
    if (this.hints.preservesError) this.set(PRESERVE_ERROR_LABEL, 'true');
  }

  get unchanged(): boolean {
    return (
      this.#metadata.size === 0 &&
      this.#parsed.size === 0 &&
      this.#deleted.size === 0 &&
      this.error === '' &&
      this.errorDetails === ''
    );
  }

  #streamLabels(): Label[] {
    return this.#base.labels.filter(
      ([name]) => !this.#deleted.has(name) && !this.#parsed.has(name) && !this.#metadata.has(name),
    );
  }

  #errors(): Label[] {
    const errors: Label[] = [];
    if (this.error !== '') errors.push([ERROR_LABEL, this.error]);
    if (this.errorDetails !== '') errors.push([ERROR_DETAILS_LABEL, this.errorDetails]);
    return errors;
  }

  /** All labels, sorted. */
  labels(): Labels {
    if (this.unchanged) return this.#base.labels;
    return sortLabels([...this.#streamLabels(), ...this.#metadata, ...this.#parsed, ...this.#errors()]);
  }

  /** As `labelsKey(labels())`, without building anything for an entry that no stage touched. */
  key(): string {
    return this.unchanged ? this.#base.key : labelsKey(this.labels());
  }

  result(): LabelsResult {
    return {
      stream: this.unchanged ? this.#base.labels : this.#streamLabels(),
      metadata: sortLabels([...this.#metadata]),
      parsed: sortLabels([...this.#parsed, ...this.#errors()]),
    };
  }

  /** For templates. */
  map(): ReadonlyMap<string, string> {
    return this.unchanged ? this.#base.map : new Map(this.labels());
  }
}
