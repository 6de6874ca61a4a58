/**
 * Reads one answer to an OTLP/HTTP request (HTTP/1.1, RFC 9112) from the bytes of a connection as they come: the status,
 * the few headers that matter to an exporter, and a body of a few bytes. Everything else of HTTP is refused.
 */
import { RESPONSE_BYTES_MAX } from './transport.ts';

/** Status line and headers, or trailers: as much as Node's own client takes. */
const HEAD_BYTES_MAX = 16 * 1024;
/** A chunk's size line: a dozen digits, and extensions that nobody sends. */
const CHUNK_LINE_BYTES_MAX = 256;

const NEWLINE = 10;

type Phase = 'status' | 'headers' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'done';

/** The other side does not speak HTTP/1.1 as it should. */
export class HttpResponseError extends Error {
  override readonly name = 'HttpResponseError';
}

export class HttpResponse {
  status = 0;
  retryAfter: string | undefined = undefined;
  /** Whether any byte came: until then a request on a used connection may be sent again. */
  started = false;
  /** Once `done`: whether the connection can carry another exchange. */
  reusable = true;
  #phase: Phase = 'status';
  #line = '';
  #lineBytes = 0;
  #length: number | undefined;
  #chunked = false;
  #remaining = 0;
  #bodyBytes = 0;
  readonly #pieces: Buffer[] = [];

  get done(): boolean {
    return this.#phase === 'done';
  }

  get body(): Buffer {
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
  }

  /** Takes `bytes[0, length)`, which may be overwritten afterwards. Throws HttpResponseError. */
  push(bytes: Uint8Array, length: number): void {
    this.started = true;
    let at = 0;
    while (at < length && this.#phase !== 'done') {
      at =
        this.#phase === 'body' || this.#phase === 'chunk'
          ? this.#takeBody(bytes, at, length)
          : this.#takeLine(bytes, at, length);
    }
    // Bytes that nobody asked for: what follows on this connection could not be told from an answer.
    if (at < length) this.reusable = false;
  }

  /** The connection has ended: that completes a body without a length, and nothing else. */
  end(): void {
    if (this.#phase === 'body' && this.#length === undefined) this.#phase = 'done';
    if (this.#phase === 'done') return;
    throw new HttpResponseError(
      this.started ? 'the connection ended in the middle of an answer' : 'the connection ended before an answer came',
    );
  }

  #takeBody(bytes: Uint8Array, at: number, length: number): number {
    const end = Math.min(length, at + this.#remaining);
    this.#bodyBytes += end - at;
    if (this.#bodyBytes > RESPONSE_BYTES_MAX) {
      this.#dropBody();
      return length;
    }
    this.#pieces.push(Buffer.from(bytes.subarray(at, end)));
    this.#remaining -= end - at;
    if (this.#remaining === 0) this.#phase = this.#phase === 'chunk' ? 'chunk-end' : 'done';
    return end;
  }

  /** The status has said what became of the request; so long a body is not OTLP's, and is not waited for. */
  #dropBody(): void {
    this.#pieces.length = 0;
    this.reusable = false;
    this.#phase = 'done';
  }

  /** Collects up to the line's end, which may come with later bytes. */
  #takeLine(bytes: Uint8Array, at: number, length: number): number {
    const newline = bytes.subarray(0, length).indexOf(NEWLINE, at);
    const end = newline < 0 ? length : newline + 1;
    this.#lineBytes += end - at;
    const inChunk = this.#phase === 'chunk-size' || this.#phase === 'chunk-end';
    const bytesMax = inChunk ? CHUNK_LINE_BYTES_MAX : HEAD_BYTES_MAX;
    if (this.#lineBytes > bytesMax) throw new HttpResponseError(`more than ${bytesMax} bytes of headers in an answer`);
    this.#line += Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1');
    if (newline < 0) return end;
    const line = this.#line.endsWith('\r\n') ? this.#line.slice(0, -2) : this.#line.slice(0, -1);
    this.#line = '';
    this.#onLine(line);
    return end;
  }

  #onLine(line: string): void {
    switch (this.#phase) {
      case 'status':
        this.#readStatus(line);
        return;
      case 'headers':
        if (line === '') this.#beginBody();
        else this.#readHeader(line);
        return;
      case 'chunk-size':
        this.#readChunkSize(line);
        return;
      case 'chunk-end':
        if (line !== '') throw new HttpResponseError('a chunk of the answer is longer than it said');
        this.#lineBytes = 0;
        this.#phase = 'chunk-size';
        return;
      default:
        if (line === '') this.#phase = 'done';
    }
  }

  #readStatus(line: string): void {
    const match = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(line);
    if (match === null) {
      const shown = JSON.stringify(line.slice(0, 80));
      throw new HttpResponseError(
        `the answer is not HTTP/1.1: ${shown} (OTEL_EXPORTER_OTLP_PROTOCOL=grpc speaks gRPC)`,
      );
    }
    this.status = Number(match[2]);
    this.reusable = match[1] === '1';
    this.#phase = 'headers';
  }

  #readHeader(line: string): void {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    // A name with a space, or a folded line, is how answers are smuggled; no server of today sends one.
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name))
      throw new HttpResponseError(`an answer with a malformed header: ${JSON.stringify(line.slice(0, 80))}`);
    const value = line.slice(colon + 1).trim();
    if (name === 'content-length') this.#readLength(value);
    else if (name === 'transfer-encoding') this.#readCoding(value);
    else if (name === 'retry-after') this.retryAfter ??= value;
    else if (name === 'connection') this.#readConnection(value.toLowerCase());
  }

  #readLength(value: string): void {
    // The same length twice is one length (RFC 9112, section 6.3); two different ones are an attack.
    for (const each of value.split(',')) {
      const length = /^\s*\d{1,15}\s*$/.test(each) ? Number(each) : undefined;
      if (length === undefined || length !== (this.#length ?? length))
        throw new HttpResponseError(`the answer's Content-Length is ${JSON.stringify(value.slice(0, 80))}`);
      this.#length = length;
    }
  }

  #readCoding(value: string): void {
    if (value.toLowerCase() !== 'chunked' || this.#chunked)
      throw new HttpResponseError(
        `the answer's transfer encoding is ${JSON.stringify(value.slice(0, 80))}, not "chunked"`,
      );
    this.#chunked = true;
  }

  #readConnection(options: string): void {
    if (options.includes('close')) this.reusable = false;
    else if (options.includes('keep-alive')) this.reusable = true;
  }

  #beginBody(): void {
    this.#lineBytes = 0;
    if (this.status < 200) {
      if (this.status === 101) throw new HttpResponseError('the answer changes to a protocol that was not asked for');
      // "100 Continue" and its kin come before the real answer.
      this.#length = undefined;
      this.#chunked = false;
      this.#phase = 'status';
      return;
    }
    if (this.status === 204 || this.status === 304) {
      this.#phase = 'done';
    } else if (this.#chunked) {
      // Chunks hide a length that stands beside them, and such an answer is the connection's last (section 6.1).
      if (this.#length !== undefined) this.reusable = false;
      this.#phase = 'chunk-size';
    } else {
      if (this.#length === undefined) this.reusable = false;
      this.#remaining = this.#length ?? Number.POSITIVE_INFINITY;
      this.#phase = this.#remaining === 0 ? 'done' : 'body';
    }
  }

  #readChunkSize(line: string): void {
    const digits = line.split(';', 1)[0]!.trim();
    if (!/^[0-9a-fA-F]{1,12}$/.test(digits)) throw new HttpResponseError('a chunk of the answer without a size');
    this.#remaining = Number.parseInt(digits, 16);
    this.#lineBytes = 0;
    this.#phase = this.#remaining === 0 ? 'trailers' : 'chunk';
  }
}
