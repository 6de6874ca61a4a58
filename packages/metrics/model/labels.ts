// Label sets: immutable, sorted by name, without empty values, cheap to compare and to use as map keys.

/** The label that holds a series' metric name. */
export const METRIC_NAME = '__name__';
/** Labels that carry type and unit of a metric when the feature type-and-unit-labels is on. */
export const METRIC_TYPE = '__type__';
export const METRIC_UNIT = '__unit__';

// U+0000 can occur in a label value, but 0xfffe/0xffff are noncharacters that no valid UTF-8 interchange contains.
const NAME_END = '\ufffe';
const VALUE_END = '\uffff';

/** Immutable label set. `pairs` is [name, value, name, value, …] in ascending order of names. */
export class Labels {
  static readonly EMPTY = new Labels([]);
  readonly pairs: readonly string[];
  #key: string | undefined;

  private constructor(pairs: readonly string[]) {
    this.pairs = pairs;
  }

  /** Takes pairs that are sorted by name, unique and without empty values; the array must not be changed afterwards. */
  static fromSortedPairs(pairs: readonly string[]): Labels {
    return pairs.length === 0 ? Labels.EMPTY : new Labels(pairs);
  }

  /** Sorts, drops empty values; of a repeated name the last value wins. */
  static from(entries: Readonly<Record<string, string>> | Iterable<readonly [string, string]>): Labels {
    const map = new Map<string, string>(
      Symbol.iterator in entries ? (entries as Iterable<readonly [string, string]>) : Object.entries(entries),
    );
    const names = [...map.keys()].sort(compareStrings);
    const pairs: string[] = [];
    for (const name of names) {
      const value = map.get(name)!;
      if (value !== '') pairs.push(name, value);
    }
    return Labels.fromSortedPairs(pairs);
  }

  /** The label set that has this `key`. */
  static fromKey(key: string): Labels {
    if (key === '') return Labels.EMPTY;
    const pairs: string[] = [];
    for (let at = 0; at < key.length; ) {
      const nameEnd = key.indexOf(NAME_END, at);
      const valueEnd = key.indexOf(VALUE_END, nameEnd + 1);
      pairs.push(key.slice(at, nameEnd), key.slice(nameEnd + 1, valueEnd));
      at = valueEnd + 1;
    }
    const labels = new Labels(pairs);
    labels.#key = key;
    return labels;
  }

  /** Number of labels. */
  get size(): number {
    return this.pairs.length >> 1;
  }

  /** The value, "" when the label is absent. */
  get(name: string): string {
    const pairs = this.pairs;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1]!;
    return '';
  }

  has(name: string): boolean {
    const pairs = this.pairs;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return true;
    return false;
  }

  get metricName(): string {
    // Where it stands nearly always; asked for each series of each query.
    const { pairs } = this;
    return pairs[0] === METRIC_NAME ? pairs[1]! : this.get(METRIC_NAME);
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (let i = 0; i < this.pairs.length; i += 2) yield [this.pairs[i]!, this.pairs[i + 1]!];
  }

  names(): string[] {
    return this.pairs.filter((_, i) => i % 2 === 0);
  }

  toObject(): Record<string, string> {
    const object: Record<string, string> = Object.create(null);
    for (let i = 0; i < this.pairs.length; i += 2) object[this.pairs[i]!] = this.pairs[i + 1]!;
    return object;
  }

  /** A string that is equal exactly for equal label sets; computed once. */
  get key(): string {
    if (this.#key === undefined) {
      let key = '';
      for (let i = 0; i < this.pairs.length; i += 2) key += this.pairs[i]! + NAME_END + this.pairs[i + 1]! + VALUE_END;
      this.#key = key;
    }
    return this.#key;
  }

  /** Key over only the named labels (sorted names): equal exactly when these labels have equal values, absent = "". */
  keyOf(sortedNames: readonly string[]): string {
    let key = '';
    const pairs = this.pairs;
    let p = 0;
    for (const name of sortedNames) {
      while (p < pairs.length && pairs[p]! < name) p += 2;
      if (p < pairs.length && pairs[p] === name) key += pairs[p + 1]!;
      key += VALUE_END;
    }
    return key;
  }

  /** Key over everything except the named labels. */
  keyWithout(names: ReadonlySet<string>): string {
    let key = '';
    const pairs = this.pairs;
    for (let i = 0; i < pairs.length; i += 2) {
      if (!names.has(pairs[i]!)) key += pairs[i]! + NAME_END + pairs[i + 1]! + VALUE_END;
    }
    return key;
  }

  equals(other: Labels): boolean {
    if (this === other) return true;
    if (this.pairs.length !== other.pairs.length) return false;
    for (let i = 0; i < this.pairs.length; i++) if (this.pairs[i] !== other.pairs[i]) return false;
    return true;
  }

  /** Only the named labels. */
  keep(names: ReadonlySet<string>): Labels {
    return this.#filter((name) => names.has(name));
  }

  /** Everything except the named labels. */
  drop(names: ReadonlySet<string>): Labels {
    return this.#filter((name) => !names.has(name));
  }

  dropOne(name: string): Labels {
    return this.has(name) ? this.#filter((n) => n !== name) : this;
  }

  /** Sets one label; an empty value removes it. */
  with(name: string, value: string): Labels {
    if (value === '') return this.dropOne(name);
    const pairs: string[] = [];
    let placed = false;
    for (let i = 0; i < this.pairs.length; i += 2) {
      const current = this.pairs[i]!;
      if (!placed && current >= name) {
        pairs.push(name, value);
        placed = true;
        if (current === name) continue;
      }
      pairs.push(current, this.pairs[i + 1]!);
    }
    if (!placed) pairs.push(name, value);
    return new Labels(pairs);
  }

  #filter(keep: (name: string) => boolean): Labels {
    const pairs: string[] = [];
    for (let i = 0; i < this.pairs.length; i += 2) {
      if (keep(this.pairs[i]!)) pairs.push(this.pairs[i]!, this.pairs[i + 1]!);
    }
    return pairs.length === this.pairs.length ? this : Labels.fromSortedPairs(pairs);
  }

  /** All labels in braces, the name among them, as Go prints a label set in errors. */
  toBraces(): string {
    const parts = [...this].map(
      ([name, value]) => `${isClassicLabelName(name) ? name : quoteGo(name)}=${quoteGo(value)}`,
    );
    return `{${parts.join(', ')}}`;
  }

  /** As Prometheus writes a series: `name{a="b"}`; names outside the classic alphabet are quoted. */
  toString(): string {
    const name = this.metricName;
    const classicName = isClassicMetricName(name);
    const parts: string[] = name !== '' && !classicName ? [quoteGo(name)] : [];
    for (const [label, value] of this) {
      if (label !== METRIC_NAME) parts.push(`${isClassicLabelName(label) ? label : quoteGo(label)}=${quoteGo(value)}`);
    }
    const head = classicName ? name : '';
    return parts.length === 0 && head !== '' ? head : `${head}{${parts.join(', ')}}`;
  }
}

/** Order of label sets as the real server sorts them: label by label, name before value; a prefix comes first. */
export function compareLabels(a: Labels, b: Labels): number {
  const left = a.pairs;
  const right = b.pairs;
  const common = Math.min(left.length, right.length);
  for (let i = 0; i < common; i++) {
    const l = left[i]!;
    const r = right[i]!;
    if (l !== r) return compareStrings(l, r);
  }
  return left.length - right.length;
}

/** Order by code units; it differs from the byte order of UTF-8 only between astral and U+E000..U+FFFF characters. */
export function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isClassicMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

export function isClassicLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

const GO_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
  /[\ud800-\udbff][\udc00-\udfff]|[\x00-\x1f\x7f"\\\u0080-\u00a0\u00ad\ud800-\udfff\ufeff\ufffe\uffff]/g;

/** A double-quoted string as Go's strconv.Quote writes it. */
export function quoteGo(text: string): string {
  const escaped = text.replace(UNPRINTABLE, (character) => {
    if (character.length === 2) return character;
    const short = GO_ESCAPES[character];
    if (short !== undefined) return short;
    const code = character.charCodeAt(0);
    // Bytes that were not UTF-8 are kept as lone surrogates; see quoted-string.ts.
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
