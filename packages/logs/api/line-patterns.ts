/**
 * Groups lines by what they have in common: words stay, what varies becomes `<_>`. A simple form of log template mining:
 * a word with a digit in it varies, and of `key=value` only the value does.
 */
import type { Matcher } from '../logql/ast.ts';
import { type LogSource, lowerBound, noNeedles } from '../logql/evaluation/log-source.ts';
import { QueryContext } from '../logql/evaluation/query-context.ts';
import { labelValue } from '../logql/labels.ts';

export interface PatternScope {
  readonly matchers: readonly Matcher[];
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly stepNs: number;
  readonly signal: AbortSignal;
}

export interface LinePattern {
  readonly pattern: string;
  readonly level: string;
  /** Seconds and number of lines, by step. */
  readonly samples: readonly (readonly [number, number])[];
}

/** Patterns kept while reading; lines that would make another one are not counted. */
const PATTERN_COUNT_MAX = 3000;

/** Patterns given, the most frequent first. */
const RESULT_COUNT_MAX = 300;

/** Longer lines differ in their tails. */
const LINE_LENGTH_LOOKED_AT = 1024;

interface Cluster {
  readonly pattern: string;
  readonly level: string;
  readonly counts: Map<number, number>;
  total: number;
}

export async function findPatterns(source: LogSource, scope: PatternScope): Promise<readonly LinePattern[]> {
  const context = new QueryContext(source, { signal: scope.signal });
  const clusters = new Map<string, Cluster>();
  const stepSeconds = Math.max(1, Math.round(scope.stepNs / 1e9));
  for (const block of await source.select(scope)) {
    const entries = await block.read(noNeedles);
    if (entries === undefined) continue;
    const end = lowerBound(entries.timesNs, entries.count, scope.endNs + 1n);
    for (let i = lowerBound(entries.timesNs, entries.count, scope.startNs); i < end; i++) {
      if (context.tick()) await context.breathe();
      const level = labelValue(entries.metadata(i), 'detected_level') ?? '';
      const seconds = Number(entries.timesNs[i]! / 1_000_000_000n);
      count(clusters, maskLine(entries.line(i)), level, seconds - (seconds % stepSeconds));
    }
  }
  return [...clusters.values()]
    .sort((a, b) => b.total - a.total)
    .slice(0, RESULT_COUNT_MAX)
    .map(({ pattern, level, counts }) => ({ pattern, level, samples: [...counts].sort(([a], [b]) => a - b) }));
}

function count(clusters: Map<string, Cluster>, pattern: string, level: string, seconds: number): void {
  const key = `${level}\u0000${pattern}`;
  let cluster = clusters.get(key);
  if (cluster === undefined) {
    if (clusters.size >= PATTERN_COUNT_MAX) return;
    cluster = { pattern, level, counts: new Map(), total: 0 };
    clusters.set(key, cluster);
  }
  cluster.total++;
  cluster.counts.set(seconds, (cluster.counts.get(seconds) ?? 0) + 1);
}

export function maskLine(line: string): string {
  return line
    .slice(0, LINE_LENGTH_LOOKED_AT)
    .replace(/"(?:[^"\\]|\\.)*"|[^\s,;:=(){}[\]"]+/g, (word) => (/\d/.test(word) ? '<_>' : word))
    .replace(/<_>(?:[:.,;/-]?<_>)+/g, '<_>');
}
