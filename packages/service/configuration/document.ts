/** Reads a YAML file into nodes that know their place. */
import { readFileSync } from 'node:fs';
import { LineCounter, type Node, parseDocument } from 'yaml';
import type { ConfigIssues, Place } from './issues.ts';
import { ConfigNode } from './node.ts';

/** Larger than any configuration that people write; a file beyond it is not one. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Aliases may multiply a small file into a huge document (the "billion laughs"). */
const ALIASES_MAX = 1_000;

export interface ReadYamlOptions {
  readonly issues: ConfigIssues;
  /** See {@link DocumentContext.expand}. */
  readonly expand?: (text: string, place: Place) => unknown;
}

/** The document of a file, or undefined after an issue when it cannot be read or is not YAML. */
export function readYamlFile(file: string, options: ReadYamlOptions): ConfigNode | undefined {
  const place: Place = { file, line: 1, column: 1, key: '' };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    options.issues.error(place, `cannot be read: ${(error as Error).message}`);
    return undefined;
  }
  if (text.length > FILE_BYTES_MAX) {
    options.issues.error(place, `is larger than ${FILE_BYTES_MAX} bytes`);
    return undefined;
  }
  return readYamlText(text, file, options);
}

/** As readYamlFile, for text that is already at hand; `file` is what issues name. */
export function readYamlText(text: string, file: string, options: ReadYamlOptions): ConfigNode | undefined {
  const lines = new LineCounter();
  // As Go's yaml.v3: duplicate keys are refused, merge keys are known, `on` and `yes` are words unless a boolean is wanted.
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: true,
    prettyErrors: false,
    version: '1.2',
  });
  if (document.errors.length > 0) {
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0]);
      options.issues.error({ file, line, column: col, key: '' }, `is not valid YAML: ${error.message}`);
    }
    return undefined;
  }
  let aliases = 0;
  const resolve = (node: Node): Node | undefined => {
    if (++aliases > ALIASES_MAX) {
      options.issues.error({ file, line: 1, column: 1, key: '' }, `uses more than ${ALIASES_MAX} aliases`);
      return undefined;
    }
    return (node as { resolve?: (doc: typeof document) => Node | undefined }).resolve?.(document);
  };
  const context = { file, lines, issues: options.issues, resolve, expand: options.expand };
  return new ConfigNode(context, document.contents as Node | null, '');
}
