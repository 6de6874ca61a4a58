/**
 * OpenMetrics 1.0, strictly: everything that the specification forbids is refused. Scraping uses the lenient reader
 * (`../scrape-reader.ts`), as Prometheus does; this one answers "is that exposition correct?".
 */

import { StrictFamily } from './family.ts';
import { TYPE_SUFFIXES } from './family-type.ts';
import { parseSampleLine } from './sample-line.ts';
import { OpenMetricsError } from './strict-error.ts';

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** The families in their order. Throws OpenMetricsError at the first thing that is wrong. */
export function parseOpenMetricsStrict(text: string): readonly StrictFamily[] {
  const reader = new StrictReader();
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (let i = 0; i < lines.length; i++) reader.line(lines[i]!, i + 1);
  return reader.finish(lines.length);
}

class StrictReader {
  readonly #families: StrictFamily[] = [];
  readonly #namesSeen = new Set<string>();
  #current: StrictFamily | undefined;
  #ended = false;

  line(text: string, line: number): void {
    if (this.#ended) throw new OpenMetricsError(line, 'text after # EOF');
    if (text === '# EOF') {
      this.#ended = true;
    } else if (text === '') {
      throw new OpenMetricsError(line, 'a blank line');
    } else if (text.startsWith('#')) {
      this.#metadata(text, line);
    } else {
      this.#sample(text, line);
    }
  }

  finish(line: number): readonly StrictFamily[] {
    this.#close(line);
    if (!this.#ended) throw new OpenMetricsError(0, 'the exposition does not end with # EOF');
    return this.#families;
  }

  #metadata(text: string, line: number): void {
    const match = /^# (\S*) (\S*) (.*)$/s.exec(text);
    if (match === null)
      throw new OpenMetricsError(line, 'a "#" line is "# HELP name text", "# TYPE …", "# UNIT …" or "# EOF"');
    const name = match[2]!;
    if (!METRIC_NAME.test(name)) throw new OpenMetricsError(line, `"${name}" is not a metric name`);
    if (this.#current?.name !== name) this.#open(name, line);
    this.#current!.setMetadata(match[1]!, match[3]!, line);
  }

  #sample(text: string, line: number): void {
    const sample = parseSampleLine(text, line);
    if (this.#current === undefined || !this.#current.takes(sample.name)) this.#open(sample.name, line);
    this.#current!.add(sample, line);
  }

  #open(name: string, line: number): void {
    this.#close(line);
    this.#current = new StrictFamily(name);
  }

  #close(line: number): void {
    const family = this.#current;
    if (family === undefined) return;
    family.finish(line);
    for (const suffix of new Set([...TYPE_SUFFIXES[family.type ?? 'unknown']!, ''])) {
      const taken = family.name + suffix;
      if (this.#namesSeen.has(taken)) throw new OpenMetricsError(line, `the name ${taken} belongs to two families`);
      this.#namesSeen.add(taken);
    }
    this.#families.push(family);
    this.#current = undefined;
  }
}
