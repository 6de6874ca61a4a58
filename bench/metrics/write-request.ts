/**
 * Encodes remote-write requests (prometheus.WriteRequest, snappy), fast enough that the sender is not what is measured.
 * Sources: the message's definition in the remote-write 1.0 specification; snappy's format_description.txt.
 */

export interface SeriesSlice {
  /** From `encodeLabels`. */
  readonly labels: Uint8Array;
  readonly timestampsMs: readonly number[];
  /** NaN stands for the staleness marker. */
  readonly values: Float64Array;
}

/** Tag and length of the sample, then a double and a varint of six bytes (times of 41 bits), each with its tag. */
const SAMPLE_BYTES = 18;
const SAMPLE_BODY_BYTES = 16;
const TIMESTAMP_BYTES = 6;
/** Tag and length before a series, and before the whole in snappy's framing. */
const SERIES_HEADER_BYTES_MAX = 6;
const FRAME_BYTES_MAX = 10;

const encoder = new TextEncoder();

/** The labels of a series, which stay the same in all of its requests; names must be in order. */
export function encodeLabels(labels: Readonly<Record<string, string>>): Uint8Array {
  const bytes: number[] = [];
  for (const name of Object.keys(labels).sort()) {
    const label: number[] = [];
    pushText(label, 0x0a, name);
    pushText(label, 0x12, labels[name]!);
    bytes.push(0x0a);
    pushVarint(bytes, label.length);
    bytes.push(...label);
  }
  return Uint8Array.from(bytes);
}

/** One request, ready to be posted; slices without samples are left out. */
export function encodeRequest(slices: readonly SeriesSlice[]): Uint8Array<ArrayBuffer> {
  const filled = slices.filter(({ timestampsMs }) => timestampsMs.length > 0);
  const sizeMax = filled.reduce(
    (sum, { labels, timestampsMs }) =>
      sum + SERIES_HEADER_BYTES_MAX + labels.length + timestampsMs.length * SAMPLE_BYTES,
    FRAME_BYTES_MAX,
  );
  const out = new Uint8Array(sizeMax);
  const view = new DataView(out.buffer);
  let at = FRAME_BYTES_MAX;
  for (const { labels, timestampsMs, values } of filled) {
    out[at++] = 0x0a;
    at = putVarint(out, at, labels.length + timestampsMs.length * SAMPLE_BYTES);
    out.set(labels, at);
    at += labels.length;
    for (let i = 0; i < timestampsMs.length; i++) {
      out[at] = 0x12;
      out[at + 1] = SAMPLE_BODY_BYTES;
      out[at + 2] = 0x09;
      putValue(view, at + 3, values[i]!);
      out[at + 11] = 0x10;
      at = putVarint(out, at + 12, timestampsMs[i]!);
    }
  }
  return frame(out, at);
}

/** Snappy with one literal: the servers' decoders are not what is compared. */
function frame(out: Uint8Array<ArrayBuffer>, end: number): Uint8Array<ArrayBuffer> {
  const length = end - FRAME_BYTES_MAX;
  const header: number[] = [];
  pushVarint(header, length);
  // A literal whose length minus one follows in four bytes.
  header.push(0xfc);
  for (let shift = 0; shift < 32; shift += 8) header.push(((length - 1) >>> shift) & 255);
  const start = FRAME_BYTES_MAX - header.length;
  if (start < 0) throw new Error(`BUG: a request of ${length} bytes is too large for its frame`);
  out.set(header, start);
  return out.subarray(start, end);
}

function putValue(view: DataView, at: number, value: number): void {
  if (!Number.isNaN(value)) {
    view.setFloat64(at, value, true);
    return;
  }
  view.setUint32(at, 2, true);
  view.setUint32(at + 4, 0x7ff00000, true);
}

function putVarint(out: Uint8Array, from: number, value: number): number {
  let at = from;
  let rest = value;
  while (rest >= 128) {
    out[at++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  out[at++] = rest;
  return at;
}

function pushVarint(bytes: number[], value: number): void {
  const out = new Uint8Array(TIMESTAMP_BYTES);
  bytes.push(...out.subarray(0, putVarint(out, 0, value)));
}

function pushText(bytes: number[], tag: number, text: string): void {
  const encoded = encoder.encode(text);
  bytes.push(tag);
  pushVarint(bytes, encoded.length);
  bytes.push(...encoded);
}
