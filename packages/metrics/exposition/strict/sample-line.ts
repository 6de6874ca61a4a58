/** One sample line of OpenMetrics 1.0, byte by byte as the grammar wants it: no space too many, none missing. */
import { parseStrictNumber, parseStrictTimestamp } from './number.ts';
import { OpenMetricsError } from './strict-error.ts';

export interface StrictSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** Seconds. */
  readonly timestamp: number | undefined;
  readonly exemplar: StrictExemplar | undefined;
}

export interface StrictExemplar {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly timestamp: number | undefined;
}

/** Names and values of an exemplar's labels together (OpenMetrics, section "Exemplars"), in characters. */
const EXEMPLAR_CHARS_MAX = 128;

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;

export function parseSampleLine(text: string, line: number): StrictSample {
  const cursor = new Cursor(text, line);
  const name = cursor.match(METRIC_NAME) ?? cursor.fail('a metric name is expected');
  const labels = cursor.peek() === '{' ? cursor.labels() : new Map<string, string>();
  cursor.expect(' ', 'a single space before the value');
  const value = parseStrictNumber(cursor.token()) ?? cursor.fail('the value is not a number');
  let timestamp: number | undefined;
  let exemplar: StrictExemplar | undefined;
  if (!cursor.done && !cursor.startsWith(' # ')) {
    cursor.expect(' ', 'a single space before the timestamp');
    timestamp = parseStrictTimestamp(cursor.token()) ?? cursor.fail('the timestamp is not a finite number of seconds');
  }
  if (!cursor.done) {
    if (!cursor.startsWith(' # ')) cursor.fail('an exemplar begins with " # "');
    cursor.skip(3);
    exemplar = parseExemplar(cursor);
  }
  return { name, labels, value, timestamp, exemplar };
}

function parseExemplar(cursor: Cursor): StrictExemplar {
  if (cursor.peek() !== '{') cursor.fail('an exemplar begins with its labels');
  const labels = cursor.labels();
  let length = 0;
  for (const [name, value] of labels) length += [...name].length + [...value].length;
  if (length > EXEMPLAR_CHARS_MAX)
    cursor.fail(`the exemplar's labels are longer than ${EXEMPLAR_CHARS_MAX} characters`);
  cursor.expect(' ', 'a single space before the exemplar value');
  const value = parseStrictNumber(cursor.token()) ?? cursor.fail("the exemplar's value is not a number");
  let timestamp: number | undefined;
  if (!cursor.done) {
    cursor.expect(' ', 'a single space before the exemplar timestamp');
    timestamp = parseStrictTimestamp(cursor.token()) ?? cursor.fail("the exemplar's timestamp is not a number");
  }
  if (!cursor.done) cursor.fail('text after the exemplar');
  return { labels, value, timestamp };
}

class Cursor {
  readonly #text: string;
  readonly #line: number;
  #at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  get done(): boolean {
    return this.#at === this.#text.length;
  }

  fail(problem: string): never {
    throw new OpenMetricsError(this.#line, `${problem} (column ${this.#at + 1})`);
  }

  peek(): string {
    return this.#text[this.#at] ?? '';
  }

  startsWith(prefix: string): boolean {
    return this.#text.startsWith(prefix, this.#at);
  }

  skip(count: number): void {
    this.#at += count;
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  expect(character: string, what: string): void {
    if (this.peek() !== character) this.fail(`${what} is expected`);
    this.#at++;
  }

  /** Everything up to the next space. */
  token(): string {
    const end = this.#text.indexOf(' ', this.#at);
    const token = this.#text.slice(this.#at, end === -1 ? undefined : end);
    this.#at += token.length;
    return token;
  }

  labels(): Map<string, string> {
    const labels = new Map<string, string>();
    this.expect('{', 'an opening brace');
    if (this.peek() === '}') {
      this.#at++;
      return labels;
    }
    for (;;) {
      const name = this.match(LABEL_NAME) ?? this.fail('a label name is expected');
      this.expect('=', 'an equal sign');
      if (labels.has(name)) this.fail(`label ${name} occurs twice`);
      labels.set(name, this.#quoted());
      if (this.peek() === '}') break;
      this.expect(',', 'a comma or a closing brace');
    }
    this.#at++;
    return labels;
  }

  #quoted(): string {
    this.expect('"', 'a quoted label value');
    let value = '';
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === undefined) return this.fail('the label value is not closed');
      if (character === '"') return value;
      if (character !== '\\') {
        value += character;
        continue;
      }
      const escaped = this.#text[this.#at++];
      if (escaped === undefined) return this.fail('the label value is not closed');
      value += escaped === 'n' ? '\n' : escaped === '"' || escaped === '\\' ? escaped : '\\' + escaped;
    }
  }
}
