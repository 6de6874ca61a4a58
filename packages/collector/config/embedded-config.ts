// Collector configurations inside Kubernetes objects: as text in a ConfigMap, as a mapping in the operator's resource.
import { isMap, isScalar, LineCounter, type Node, parseAllDocuments, visit } from 'yaml';

/** Aliases may multiply a small file into a huge document. */
const aliasesMax = 1_000;

/**
 * The configurations that the Kubernetes objects of a file hold, each as text whose lines have the numbers that they
 * have in the file. None for a file that holds no Kubernetes objects.
 */
export function embeddedConfigs(text: string): readonly string[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const found: string[] = [];
  for (const document of documents as Exclude<typeof documents, { empty: true }>) {
    const { contents } = document;
    if (document.errors.length > 0 || !isMap(contents) || !contents.has('apiVersion') || !contents.has('kind'))
      continue;
    let aliases = 0;
    visit(document, {
      Alias: () => (++aliases > aliasesMax ? visit.BREAK : undefined),
      Map: (_key, node) => {
        if (!node.has('receivers') || !node.has('service')) return undefined;
        found.push(blank(lineOf(lines, node)) + sourceOf(text, node));
        return visit.SKIP;
      },
      Scalar: (_key, node) => {
        if (!isScalar(node) || typeof node.value !== 'string' || !looksLikeConfig(node.value)) return undefined;
        // A block scalar's text begins in the line after its header.
        const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
        found.push(blank(lineOf(lines, node) + (isBlock ? 1 : 0)) + node.value);
        return undefined;
      },
    });
  }
  return found;
}

function looksLikeConfig(text: string): boolean {
  return /^\s*receivers:/m.test(text) && /^\s*pipelines:/m.test(text);
}

function lineOf(lines: LineCounter, node: Node): number {
  return lines.linePos(node.range![0]).line;
}

/** A mapping's source with the indentation of its first line, so that all its lines agree. */
function sourceOf(text: string, node: Node): string {
  const [start, , end] = node.range!;
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, end);
}

function blank(line: number): string {
  return '\n'.repeat(Math.max(0, line - 1));
}
