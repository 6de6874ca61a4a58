/** A block: entries of one stream in order of time, before compression (layout: docs/format/logs-segment.md, "Blocks"). */
import { encodeStrings, StringDictionary, StringDictionaryBuilder } from '@mario/storage';
import type { LogEntries, Needles } from '../logql/evaluation/log-source.ts';
import type { Label, Labels } from '../logql/labels.ts';
import { ByteReader, FormatError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** Flag: every line is ASCII, so bytes are characters. */
const FLAG_ASCII = 1;

export interface EncodedBlock {
  readonly bytes: Uint8Array;
  /** The lines one behind the other with a line break between them, as the filter sees them. */
  readonly text: Uint8Array;
  /** The strings of structured metadata one behind the other, for their own filter. */
  readonly metadata: Uint8Array;
}

export function encodeBlock(entries: LogEntries, from: number, to: number): EncodedBlock {
  const strings = new StringDictionaryBuilder();
  const times = new ByteWriter();
  const metadata = new ByteWriter();
  const lengths = new ByteWriter();
  const text = new ByteWriter(64 * 1024);
  let characters = 0;
  let previousNs = entries.timesNs[from]!;
  for (let i = from; i < to; i++) {
    times.varint(Number(entries.timesNs[i]! - previousNs));
    previousNs = entries.timesNs[i]!;
    const labels = entries.metadata(i);
    metadata.varint(labels.length);
    for (const [name, value] of labels) {
      metadata.varint(strings.intern(name));
      metadata.varint(strings.intern(value));
    }
    const line = Buffer.from(entries.line(i));
    characters += entries.line(i).length;
    lengths.varint(line.length);
    text.bytes(line);
    text.u8(0x0a);
  }
  const count = to - from;
  const dictionary = encodeStrings(strings.strings);
  const block = new ByteWriter(text.length + 4096);
  block.u32(count);
  block.u8(text.length === characters + count ? FLAG_ASCII : 0);
  block.i64(entries.timesNs[from]!);
  for (const part of [dictionary, times.view(), metadata.view(), lengths.view(), text.view()]) {
    block.u32(part.length);
    block.bytes(part);
  }
  return { bytes: block.view(), text: text.view(), metadata: dictionary.subarray(4 * (strings.size + 2)) };
}

/**
 * Reads a block. With needles only the lines that contain the longest of them are given, found by searching the text as
 * bytes; undefined when there is none. `needles.labels` must be such that only structured metadata can have them.
 */
export function decodeBlock(bytes: Uint8Array, needles: Needles): LogEntries | undefined {
  const reader = new ByteReader(bytes);
  const count = reader.u32();
  const ascii = (reader.u8() & FLAG_ASCII) !== 0;
  const firstNs = reader.i64();
  const parts = Array.from({ length: 5 }, () => reader.bytes(reader.u32()));
  const [dictionary, times, metadata, lengths, text] = parts as [Buffer, Buffer, Buffer, Buffer, Buffer];
  // The value of a label is one string of the dictionary, so its bytes lie in there in one piece.
  if (needles.labels.some(([, value]) => !dictionary.includes(value))) return undefined;
  // Each entry has at least one byte in each of these.
  if (count > times.length || count > metadata.length || count > lengths.length) {
    throw new FormatError(`a block of ${count} entries is too short for them`);
  }
  const starts = readStarts(lengths, count, text.length);
  const chosen = needles.line.length === 0 ? undefined : linesWith(text, starts, needles.line);
  if (chosen?.length === 0) return undefined;
  const allTimes = readTimes(times, count, firstNs);
  const labelsAt = metadataReader(dictionary, metadata, count);
  const lineAt = (index: number): string => {
    const end = starts[index + 1]! - 1;
    return text.toString(ascii ? 'latin1' : 'utf8', starts[index]!, end);
  };
  if (chosen === undefined) return { count, timesNs: allTimes, line: lineAt, metadata: labelsAt };
  return {
    count: chosen.length,
    timesNs: BigInt64Array.from(chosen, (index) => allTimes[index]!),
    line: (index) => lineAt(chosen[index]!),
    metadata: (index) => labelsAt(chosen[index]!),
  };
}

/** Where each line begins; one more for the end of the last, each line counted with its line break. */
function readStarts(lengths: Buffer, count: number, textBytes: number): Uint32Array {
  const reader = new ByteReader(lengths);
  const starts = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) {
    const end = starts[i]! + reader.varint() + 1;
    // Held against the text at once: a sum beyond 32 bits would begin again at 0.
    if (end > textBytes) throw new FormatError('a line of a block reaches beyond its text');
    starts[i + 1] = end;
  }
  if (starts[count] !== textBytes) throw new FormatError('the lines of a block do not fill its text');
  return starts;
}

function readTimes(bytes: Buffer, count: number, firstNs: bigint): BigInt64Array {
  const reader = new ByteReader(bytes);
  const times = new BigInt64Array(count);
  let timeNs = firstNs;
  for (let i = 0; i < count; i++) {
    const delta = reader.varint();
    if (delta !== 0) timeNs += BigInt(delta);
    times[i] = timeNs;
  }
  return times;
}

function metadataReader(dictionary: Buffer, bytes: Buffer, count: number): (index: number) => Labels {
  // Almost every block of an application without structured metadata has none at all.
  if (bytes.length === count) return () => [];
  let decoded: ((index: number) => Labels) | undefined;
  return (index) => {
    // Most queries do not ask for metadata, and some only for that of a few lines.
    decoded ??= decodeMetadata(dictionary, bytes, count);
    return decoded(index);
  };
}

function decodeMetadata(dictionary: Buffer, bytes: Buffer, count: number): (index: number) => Labels {
  const strings = new StringDictionary(Uint8Array.from(dictionary));
  const reader = new ByteReader(bytes);
  const offsets = new Uint32Array(count + 1);
  const ids: number[] = [];
  for (let i = 0; i < count; i++) {
    for (let left = reader.varint() * 2; left > 0; left--) ids.push(reader.varint());
    offsets[i + 1] = ids.length;
  }
  return (index) => {
    const labels: Label[] = [];
    for (let at = offsets[index]!; at < offsets[index + 1]!; at += 2) {
      labels.push([strings.get(ids[at]!), strings.get(ids[at + 1]!)]);
    }
    return labels;
  };
}

/** The lines in which the longest needle occurs. The others are left to the pipeline. */
function linesWith(text: Buffer, starts: Uint32Array, needles: readonly string[]): number[] {
  const needle = Buffer.from(needles.reduce((a, b) => (b.length > a.length ? b : a)));
  const lines: number[] = [];
  let line = 0;
  for (let at = text.indexOf(needle); at >= 0; ) {
    while (starts[line + 1]! <= at) line++;
    // A needle with a line break in it could lie across two lines.
    if (at + needle.length <= starts[line + 1]! - 1) {
      lines.push(line);
      at = text.indexOf(needle, starts[line + 1]!);
    } else {
      at = text.indexOf(needle, at + 1);
    }
  }
  return lines;
}
