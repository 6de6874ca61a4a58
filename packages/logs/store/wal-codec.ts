/** The payload of a write-ahead record: one accepted push (layout: docs/format/logs-wal.md). */
import type { Label, Labels } from '../logql/labels.ts';
import { ByteReader, FormatError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { PushEntry, PushStream } from './push.ts';

export const RECORD_PUSH = 1;

const VERSION = 1;

export function encodePush(streams: readonly PushStream[]): Uint8Array {
  const ids = new Map<string, number>();
  const strings = new ByteWriter();
  const body = new ByteWriter(64 * 1024);
  const intern = (text: string): number => {
    let id = ids.get(text);
    if (id === undefined) {
      id = ids.size;
      ids.set(text, id);
      strings.text(text);
    }
    return id;
  };
  const writeLabels = (labels: Labels): void => {
    body.varint(labels.length);
    for (const [name, value] of labels) {
      body.varint(intern(name));
      body.varint(intern(value));
    }
  };
  for (const { labels, entries } of streams) {
    writeLabels(labels);
    body.varint(entries.length);
    for (const { timeNs, line, metadata } of entries) {
      body.i64(timeNs);
      body.text(line);
      writeLabels(metadata);
    }
  }
  const record = new ByteWriter(strings.length + body.length + 16);
  record.u8(VERSION);
  record.varint(ids.size);
  record.bytes(strings.view());
  record.varint(streams.length);
  record.bytes(body.view());
  return record.view();
}

/** Throws a FormatError when the bytes are not such a record; the log's checksum makes that a bug or a newer version. */
export function decodePush(payload: Uint8Array): readonly PushStream[] {
  const reader = new ByteReader(payload);
  const version = reader.u8();
  if (version !== VERSION) throw new FormatError(`a push record of version ${version} was written by a newer program`);
  const strings: string[] = [];
  for (let left = reader.varint(); left > 0; left--) strings.push(reader.text());
  const text = (): string => {
    const found = strings[reader.varint()];
    if (found === undefined) throw new FormatError('a string id points nowhere');
    return found;
  };
  const readLabels = (): Labels => {
    const labels: Label[] = [];
    for (let left = reader.varint(); left > 0; left--) labels.push([text(), text()]);
    return labels;
  };
  const streams: PushStream[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const labels = readLabels();
    const entries: PushEntry[] = [];
    for (let more = reader.varint(); more > 0; more--) {
      const timeNs = reader.i64();
      const line = reader.text();
      entries.push({ timeNs, line, metadata: readLabels() });
    }
    streams.push({ labels, entries });
  }
  if (reader.remaining > 0) throw new FormatError(`${reader.remaining} bytes behind the last stream`);
  return streams;
}
