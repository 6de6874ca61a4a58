/**
 * Reads one HTTP/1.x response (RFC 9112) from the bytes of a connection as they come, its body into one buffer.
 *
 * Node's own client makes new buffers for every piece of every body; with thousands of scrapes that is most of the work
 * of the garbage collector (docs/adr/0026-scraping-without-garbage.md).
 */
import type { BodyBuffer } from './body-buffer.ts';

/** Status line and headers, or trailers: far more than servers send, little enough for a thousand targets at once. */
const HEAD_BYTES_MAX = 256 * 1024;
/** A chunk's size line: sixteen digits, and extensions that nobody sends. */
const CHUNK_LINE_BYTES_MAX = 1024;

const NEWLINE = 10;
const RETURN = 13;

/** Names of headers that were looked at before, as they were written, and as they are looked up; a few dozen in all. */
const knownNames = new Map<string, string>();
const KNOWN_NAMES_MAX = 1_000;

type Phase = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'done';
type Framing = 'length' | 'chunked' | 'close' | 'none';

/** The other side does not speak HTTP as it should. */
export class ResponseError extends Error {
  override readonly name = 'ResponseError';
}

export class ResponseReader {
  status = 0;
  /** By lower-case name; repeated fields are joined with ", ". */
  readonly headers = new Map<string, string>();
  /** Whether any byte came: until then a request on a used connection may be sent again. */
  started = false;
  readonly #body: BodyBuffer;
  #phase: Phase = 'head';
  #line = '';
  #headBytes = 0;
  #remaining = 0;
  #framing: Framing = 'none';
  #version = '';

  constructor(body: BodyBuffer) {
    this.#body = body;
  }

  get done(): boolean {
    return this.#phase === 'done';
  }

  /** After `done`: whether the connection can carry another exchange. */
  get reusable(): boolean {
    const option = (this.headers.get('connection') ?? '').toLowerCase();
    if (this.#framing === 'close' || option.includes('close')) return false;
    return this.#version === 'HTTP/1.1' || option.includes('keep-alive');
  }

  /** Takes `bytes[0, length)`; they may be overwritten afterwards. Throws ResponseError or BodyTooLargeError. */
  push(bytes: Uint8Array, length: number): void {
    this.started = true;
    let at = this.#phase === 'head' && this.status === 0 && this.#line === '' ? this.#takeHead(bytes, length) : 0;
    while (at < length && this.#phase !== 'done') {
      if (this.#phase === 'body' || this.#phase === 'chunk') at = this.#takeBody(bytes, at, length);
      else at = this.#takeLine(bytes, at, length);
    }
    if (at < length) throw new ResponseError('unsolicited response received on an idle HTTP channel');
  }

  /** The connection has ended: that completes a body without a length, and nothing else. */
  end(): void {
    if (this.#phase === 'body' && this.#framing === 'close') this.#phase = 'done';
    if (this.#phase !== 'done') throw new ResponseError(this.started ? 'unexpected EOF' : 'EOF');
  }

  #takeBody(bytes: Uint8Array, at: number, length: number): number {
    const end = Math.min(length, at + this.#remaining);
    this.#body.append(bytes, at, end);
    this.#remaining -= end - at;
    if (this.#remaining === 0) this.#phase = this.#phase === 'chunk' ? 'chunk-end' : 'done';
    return end;
  }

  /** The usual head, which has come whole and in the usual form; gives where it ends, or 0 when it is left to `#takeLine`. */
  #takeHead(bytes: Uint8Array, length: number): number {
    const stop = Math.min(length, HEAD_BYTES_MAX - this.#headBytes) - 3;
    for (let end = 0; end < stop; end++) {
      if (bytes[end] !== RETURN || bytes[end + 1] !== NEWLINE) continue;
      if (bytes[end + 2] !== RETURN || bytes[end + 3] !== NEWLINE) continue;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1');
      // A line end of another kind means other lines than these.
      if (text.includes('\n') && text.replaceAll('\r\n', '').includes('\n')) return 0;
      this.#headBytes += end + 4;
      for (const line of text.split('\r\n')) this.#onLine(line);
      this.#onLine('');
      return end + 4;
    }
    return 0;
  }

  /** Collects up to the line's end, which may come with later bytes. */
  #takeLine(bytes: Uint8Array, at: number, length: number): number {
    const newline = bytes.subarray(0, length).indexOf(NEWLINE, at);
    const end = newline < 0 ? length : newline + 1;
    this.#headBytes += end - at;
    const inChunk = this.#phase === 'chunk-size' || this.#phase === 'chunk-end';
    if (this.#headBytes > (inChunk ? CHUNK_LINE_BYTES_MAX : HEAD_BYTES_MAX)) {
      throw new ResponseError(
        inChunk
          ? 'chunked line too long'
          : `net/http: server response headers exceeded ${HEAD_BYTES_MAX} bytes; aborted`,
      );
    }
    this.#line += Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1');
    if (newline < 0) return end;
    const line = this.#line.replace(/\r?\n$/, '');
    this.#line = '';
    this.#onLine(line);
    return end;
  }

  #onLine(line: string): void {
    switch (this.#phase) {
      case 'head':
        if (this.status === 0) this.#readStatusLine(line);
        else if (line !== '') this.#readHeader(line);
        else this.#beginBody();
        return;
      case 'chunk-size':
        this.#readChunkSize(line);
        return;
      case 'chunk-end':
        if (line !== '') throw new ResponseError('malformed chunked encoding');
        this.#headBytes = 0;
        this.#phase = 'chunk-size';
        return;
      default:
        if (line === '') this.#phase = 'done';
    }
  }

  #readStatusLine(line: string): void {
    const match = /^(HTTP\/1\.[01]) (\d{3})(?: .*)?$/.exec(line);
    if (match === null)
      throw new ResponseError(
        `net/http: HTTP/1.x transport connection broken: malformed HTTP response ${JSON.stringify(line.slice(0, 80))}`,
      );
    this.#version = match[1]!;
    this.status = Number(match[2]);
  }

  #readHeader(line: string): void {
    const colon = line.indexOf(':');
    const key = colon <= 0 ? undefined : keyOf(line.slice(0, colon));
    if (key === undefined) throw new ResponseError(`malformed MIME header line: ${line.slice(0, 80)}`);
    const value = line.slice(colon + 1).trim();
    const before = this.headers.get(key);
    this.headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }

  #beginBody(): void {
    const { status, headers } = this;
    if (status < 200 && status !== 101) {
      // "100 Continue" and its kin come before the real response.
      this.status = 0;
      headers.clear();
      this.#headBytes = 0;
      return;
    }
    const length = headers.get('content-length');
    const coding = headers.get('transfer-encoding');
    if (status === 101 || status === 204 || status === 304) this.#framing = 'none';
    else if (coding !== undefined) this.#framing = this.#chunked(coding);
    else this.#framing = length === undefined ? 'close' : 'length';
    this.#remaining = Number.POSITIVE_INFINITY;
    this.#headBytes = 0;
    if (this.#framing === 'length') {
      // The same length twice is one length (RFC 9112, section 6.3); two different ones are an attack.
      const lengths = new Set(length!.split(',').map((each) => each.trim()));
      const only = [...lengths][0]!;
      if (lengths.size > 1 || !/^\d{1,15}$/.test(only))
        throw new ResponseError(`bad Content-Length ${JSON.stringify(length)}`);
      this.#remaining = Number(only);
      this.#body.expect(this.#remaining);
    }
    const empty = this.#framing === 'none' || this.#remaining === 0;
    this.#phase = empty ? 'done' : this.#framing === 'chunked' ? 'chunk-size' : 'body';
  }

  #chunked(coding: string): 'chunked' {
    if (coding.toLowerCase() !== 'chunked')
      throw new ResponseError(`unsupported transfer encoding: ${JSON.stringify(coding)}`);
    return 'chunked';
  }

  #readChunkSize(line: string): void {
    const digits = line.split(';')[0]!.trim();
    if (!/^[0-9a-fA-F]{1,12}$/.test(digits)) throw new ResponseError('invalid byte in chunk length');
    this.#remaining = Number.parseInt(digits, 16);
    this.#headBytes = 0;
    this.#phase = this.#remaining === 0 ? 'trailers' : 'chunk';
  }
}

/** A header's name in lower case; undefined for what is no name. */
function keyOf(name: string): string | undefined {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  // A name with a space, or a folded line, is how responses are smuggled; no server of today sends one.
  if (/[^!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(name)) return undefined;
  const key = name.toLowerCase();
  if (knownNames.size < KNOWN_NAMES_MAX) knownNames.set(name, key);
  return key;
}
