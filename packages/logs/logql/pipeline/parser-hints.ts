/**
 * What a metric query needs of its parsers: when the result keeps only some labels, the others need not be extracted, and
 * when it keeps none and no stage looks at labels, nothing needs to be parsed at all (so nothing can fail either).
 */
import { DUPLICATE_SUFFIX } from './labels-builder.ts';

export interface ParserHints {
  /** No label is needed: parsers do nothing. */
  readonly nothing: boolean;
  /** The query filters on the error label, so an entry with an error is a result, not a failure. */
  readonly preservesError: boolean;
  wants(name: string): boolean;
  /** Whether a prefix of nested names can lead to a wanted one. */
  wantsPrefix(prefix: string): boolean;
  /** Whether everything wanted is there. */
  complete(extracted: ReadonlySet<string>): boolean;
}

export const allLabels: ParserHints = {
  nothing: false,
  preservesError: false,
  wants: () => true,
  wantsPrefix: () => true,
  complete: () => false,
};

export const nothingNeeded: ParserHints = { ...allLabels, nothing: true };

export function onlyLabels(names: readonly string[], preservesError: boolean): ParserHints {
  const wanted = new Set(names);
  // A suffixed name may be asked for while the parser finds the plain one, and whether it clashes is known only per entry.
  for (const name of names) {
    if (name.endsWith(DUPLICATE_SUFFIX)) wanted.add(name.slice(0, -DUPLICATE_SUFFIX.length));
  }
  return {
    nothing: false,
    preservesError,
    wants: (name) => wanted.has(name),
    wantsPrefix: (prefix) => {
      for (const name of wanted) if (name.startsWith(prefix)) return true;
      return false;
    },
    complete: (extracted) => {
      if (extracted.size < wanted.size) return false;
      for (const name of wanted) if (!extracted.has(name)) return false;
      return true;
    },
  };
}
