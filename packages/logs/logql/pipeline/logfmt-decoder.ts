/** Reads `key=value key="quoted value" bare` pair by pair, forgiving what it cannot read. */
import { quoteGo } from '../duration.ts';

export class LogfmtDecoder {
  key = '';
  #value: string | undefined = '';
  #valueStart = 0;
  #valueEnd = 0;
  /** The first thing that could not be read, with its position from 1. */
  error = '';
  #line = '';
  #at = 0;

  reset(line: string): void {
    this.#line = line;
    this.#at = 0;
    this.error = '';
  }

  /** Cut out of the line when asked for: most queries need few of the values. */
  get value(): string {
    this.#value ??= this.#line.slice(this.#valueStart, this.#valueEnd);
    return this.#value;
  }

  get hasValue(): boolean {
    return this.#value === undefined ? this.#valueEnd > this.#valueStart : this.#value !== '';
  }

  get done(): boolean {
    return this.#at >= this.#line.length;
  }

  /** Reads the next pair into `key` and `value`; false when there was none to read here. */
  scan(): boolean {
    const line = this.#line;
    const length = line.length;
    this.key = '';
    this.#value = '';
    let at = this.#at;
    while (at < length && line.charCodeAt(at) <= 0x20) at++;
    const start = at;
    while (at < length) {
      const code = line.charCodeAt(at);
      if (code <= 0x20 || code === 0x3d) break;
      if (code === 0x22) return this.#unexpected(at, '"');
      at++;
    }
    if (at === start) {
      if (at < length) return this.#unexpected(at, '=');
      this.#at = at;
      return false;
    }
    this.key = line.slice(start, at);
    this.#at = at;
    if (line.charCodeAt(at) !== 0x3d) return true;
    return this.#scanValue(at + 1);
  }

  #scanValue(start: number): boolean {
    const line = this.#line;
    if (line.charCodeAt(start) === 0x22) return this.#scanQuoted(start);
    let at = start;
    while (at < line.length) {
      const code = line.charCodeAt(at);
      if (code <= 0x20) break;
      if (code === 0x3d || code === 0x22) return this.#unexpected(at, code === 0x3d ? '=' : '"');
      at++;
    }
    this.#cut(start, at);
    this.#at = at;
    return true;
  }

  #scanQuoted(start: number): boolean {
    const line = this.#line;
    let escaped = false;
    let at = start + 1;
    for (; at < line.length; at++) {
      const code = line.charCodeAt(at);
      if (code === 0x22) break;
      if (code === 0x5c) {
        escaped = true;
        at++;
      }
    }
    if (at >= line.length) {
      this.#at = line.length;
      return this.#fail(line.length, 'unterminated quoted value');
    }
    this.#at = at + 1;
    if (!escaped) {
      this.#cut(start + 1, at);
      return true;
    }
    try {
      this.#value = String(JSON.parse(line.slice(start, at + 1)));
      return true;
    } catch {
      return this.#fail(at, 'invalid quoted value');
    }
  }

  #cut(start: number, end: number): void {
    this.#value = undefined;
    this.#valueStart = start;
    this.#valueEnd = end;
  }

  #unexpected(at: number, character: string): boolean {
    let end = at;
    while (end < this.#line.length && this.#line.charCodeAt(end) > 0x20) end++;
    this.#at = end;
    return this.#fail(at, `unexpected ${quoteGo(character).replaceAll('"', "'").replace("'\\''", `'"'`)}`);
  }

  #fail(at: number, message: string): false {
    if (this.error === '') this.error = `logfmt syntax error at pos ${at + 1} : ${message}`;
    return false;
  }
}
