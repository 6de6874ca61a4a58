/**
 * A value in a YAML file that knows where it stands. Readers ask for what they expect; what does not fit becomes an
 * issue with file, line and key, and the reader goes on with `undefined`, so that all problems are reported at once.
 */
import { isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import { parseGoDurationMs, parsePrometheusDurationMs, parseSizeBytes } from './duration.ts';
import type { ConfigIssues, Place } from './issues.ts';

/** The words that YAML 1.1 knew for booleans; Go's yaml.v3 takes them where a boolean is wanted. */
const YAML_TRUE = /^(?:true|yes|on|y)$/i;
const YAML_FALSE = /^(?:false|no|off|n)$/i;

/** How a key of a mapping is treated: used, or taken by the real tool and not used here (a warning names it). */
export type KeyUse = 'used' | 'unused';

export interface DocumentContext {
  readonly file: string;
  readonly lines: LineCounter;
  readonly issues: ConfigIssues;
  /** Resolves an alias (`*name`) to what it stands for. */
  readonly resolve: (node: Node) => Node | undefined;
  /** Applied to every scalar before it is read (`${env:NAME}` in the Collector's files). */
  readonly expand: ((text: string, place: Place) => unknown) | undefined;
}

export class ConfigNode {
  readonly key: string;
  readonly #node: Node | null;
  readonly #context: DocumentContext;
  /** Where to point when the node itself has no text (`batch:` with nothing behind it). */
  readonly #fallback: Node | null;
  /** What this mapping lies over; see `under`. */
  #under: ConfigNode | undefined;

  constructor(context: DocumentContext, node: Node | null, key: string, fallback: Node | null = null) {
    this.#context = context;
    this.#node = node !== null && isAlias(node) ? (context.resolve(node) ?? null) : node;
    this.key = key;
    this.#fallback = fallback;
  }

  /**
   * This mapping with `top` laid over it, as the Collector merges several files: mappings key by key, everything else
   * replaced whole. Each value keeps the place where it was written.
   */
  under(top: ConfigNode): ConfigNode {
    if (this.kind !== 'mapping' || top.kind !== 'mapping') return top;
    const merged = new ConfigNode(top.#context, top.#node, top.key, top.#fallback);
    merged.#under = top.#under === undefined ? this : this.under(top.#under);
    return merged;
  }

  get place(): Place {
    const offset = this.#node?.range?.[0] ?? this.#fallback?.range?.[0] ?? 0;
    const { line, col } = this.#context.lines.linePos(offset);
    return { file: this.#context.file, line: Math.max(1, line), column: Math.max(1, col), key: this.key };
  }

  error(message: string): void {
    this.#context.issues.error(this.place, message);
  }

  warn(message: string): void {
    this.#context.issues.warn(this.place, message);
  }

  /** True for an explicit null and for a key with nothing behind it. */
  get isNull(): boolean {
    return this.kind === 'null';
  }

  get kind(): 'null' | 'mapping' | 'list' | 'scalar' {
    if (this.#node === null) return 'null';
    if (isMap(this.#node)) return 'mapping';
    if (isSeq(this.#node)) return 'list';
    const value = this.raw();
    if (value === null) return 'null';
    return typeof value === 'object' ? (Array.isArray(value) ? 'list' : 'mapping') : 'scalar';
  }

  /** The plain value, with everything expanded: for what is passed on without being understood. */
  raw(): unknown {
    const node = this.#node;
    if (node === null) return null;
    if (isMap(node)) return Object.fromEntries(this.entries().map(([name, value]) => [name, value.raw()]));
    if (isSeq(node)) return this.list().map((item) => item.raw());
    if (!isScalar(node)) return null;
    const { expand } = this.#context;
    return typeof node.value === 'string' && expand !== undefined ? expand(node.value, this.place) : node.value;
  }

  /** The value behind a key of this mapping; undefined when the key is absent. */
  get(name: string): ConfigNode | undefined {
    return this.entries().find(([key]) => key === name)?.[1];
  }

  /** Keys and values of this mapping in the file's order; none for null, an issue for other kinds. */
  entries(): readonly (readonly [string, ConfigNode])[] {
    const node = this.#node;
    if (node === null || this.kind === 'null') return [];
    if (!isMap(node)) {
      this.error(`must be a mapping, is ${this.#describe()}`);
      return [];
    }
    const found = new Map<string, ConfigNode>(this.#under?.entries());
    for (const pair of node.items) {
      const key = pair.key as Node;
      const value = (pair.value as Node | null) ?? null;
      if (isScalar(key) && typeof key.value === 'symbol') {
        for (const [name, merged] of this.#merged(value)) if (!found.has(name)) found.set(name, merged);
        continue;
      }
      const name = isScalar(key) ? String(key.value) : String(key);
      const path = this.key === '' ? name : `${this.key}.${name}`;
      const own = new ConfigNode(this.#context, value, path, key);
      found.set(name, this.#under?.get(name)?.under(own) ?? own);
    }
    return [...found];
  }

  /** What a merge key (`<<: *base`, `<<: [*a, *b]`) brings in; the first of several wins. */
  #merged(value: Node | null): readonly (readonly [string, ConfigNode])[] {
    const node = new ConfigNode(this.#context, value, this.key);
    return node.kind === 'list'
      ? node
          .list()
          .flatMap((item) => [...item.entries()])
          .reverse()
      : node.entries();
  }

  /**
   * Entries of this mapping by name, after holding its keys against those that the real tool knows.
   * A key outside of `known` is an error; one marked `unused` is a warning when it is present.
   */
  fields<K extends string>(known: Readonly<Record<K, KeyUse>>): Partial<Record<K, ConfigNode>> {
    const found: Partial<Record<K, ConfigNode>> = {};
    for (const [name, value] of this.entries()) {
      if (!Object.hasOwn(known, name)) {
        value.error(`unknown key${nearest(name, Object.keys(known))}`);
        continue;
      }
      if (known[name as K] === 'unused') value.warn('is not used by the embedded engine');
      found[name as K] = value;
    }
    return found;
  }

  /** Items of this list; none for null, an issue for other kinds. */
  list(): readonly ConfigNode[] {
    const node = this.#node;
    if (node === null || this.kind === 'null') return [];
    if (!isSeq(node)) {
      this.error(`must be a list, is ${this.#describe()}`);
      return [];
    }
    return node.items.map((item, i) => new ConfigNode(this.#context, item as Node, `${this.key}[${i}]`, node));
  }

  string(): string | undefined {
    const value = this.#scalar();
    if (value === undefined || typeof value === 'string') return value;
    // `version: 1.10` asked for as a string is "1.10", as it was written, not the number's shortest form.
    const written = isScalar(this.#node) && this.#context.expand === undefined ? this.#node.source : undefined;
    return written ?? String(value);
  }

  strings(): readonly string[] {
    return this.list().flatMap((item) => item.string() ?? []);
  }

  /** A mapping of strings, as labels and headers are. */
  stringMap(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.entries().flatMap(([name, value]) => {
        const text = value.string();
        return text === undefined ? [] : [[name, text]];
      }),
    );
  }

  number(): number | undefined {
    const value = this.#scalar();
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && !Number.isNaN(number)) return number;
    if (value !== undefined) this.error(`must be a number, is ${JSON.stringify(value)}`);
    return undefined;
  }

  boolean(): boolean | undefined {
    const value = this.#scalar();
    if (value === true || YAML_TRUE.test(String(value))) return true;
    if (value === false || YAML_FALSE.test(String(value))) return false;
    if (value !== undefined) this.error(`must be true or false, is ${JSON.stringify(value)}`);
    return undefined;
  }

  /** One of the given words. */
  oneOf<W extends string>(words: readonly W[]): W | undefined {
    const value = this.string();
    if (value === undefined || words.includes(value as W)) return value as W | undefined;
    this.error(`must be one of ${words.join(', ')}, is ${JSON.stringify(value)}`);
    return undefined;
  }

  /** Milliseconds of a Go duration, as the Collector, Tempo, Loki and Grafana write them. */
  goDurationMs(): number | undefined {
    return this.#parsed(parseGoDurationMs, 'a duration such as 200ms, 15s or 1h30m');
  }

  /** Milliseconds of a Prometheus duration. */
  prometheusDurationMs(): number | undefined {
    return this.#parsed(parsePrometheusDurationMs, 'a duration such as 15s, 5m or 1d12h');
  }

  sizeBytes(): number | undefined {
    return this.#parsed(parseSizeBytes, 'a size such as 512MB or 2GiB');
  }

  #parsed(parse: (text: string) => number | undefined, wanted: string): number | undefined {
    const text = this.string();
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) this.error(`must be ${wanted}, is ${JSON.stringify(text)}`);
    return value;
  }

  #scalar(): string | number | boolean | bigint | undefined {
    const value = this.raw();
    if (value === null) return undefined;
    if (typeof value === 'object') {
      this.error(`must be a single value, is ${this.#describe()}`);
      return undefined;
    }
    return value as string | number | boolean | bigint;
  }

  #describe(): string {
    const { kind } = this;
    return kind === 'scalar' ? JSON.stringify(this.raw()) : kind === 'null' ? 'empty' : `a ${kind}`;
  }
}

/** A hint for a mistyped key: the known key that differs by at most two edits. */
function nearest(name: string, known: readonly string[]): string {
  const near = known.find((candidate) => Math.abs(candidate.length - name.length) <= 2 && edits(candidate, name) <= 2);
  return near === undefined ? '' : `, did you mean ${near}?`;
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
