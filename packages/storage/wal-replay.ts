/** Reading a write-ahead log back after a crash: torn tails are cut, damage is set aside, gaps are reported. */

import { QUARANTINE, type StorageDirectory } from './directory.ts';
import { decodeFileHeader, FILE_HEADER_BYTES, WalFileReader, walFileSequence } from './wal-record.ts';
import type { WalRecord, WalReplayReport } from './write-ahead-log.ts';

/** A file of the log that holds the records `first` … `last`; `last` is `first − 1` when there is none. */
export interface WalFile {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly sizeBytes: number;
}

export interface WalReplayResult {
  readonly report: WalReplayReport;
  readonly files: readonly WalFile[];
  readonly lastSequence: number;
}

interface Progress {
  recordCount: number;
  sizeBytes: number;
  tornBytes: number;
  corruptFileCount: number;
  readonly gaps: { first: number; last: number }[];
  /** The sequence that should come next. */
  expected: number;
}

export async function replayFiles(
  directory: StorageDirectory,
  visit: (record: WalRecord) => void | Promise<void>,
  afterSequence: number,
): Promise<WalReplayResult> {
  const names = (await directory.list()).filter((name) => walFileSequence(name) !== undefined);
  const progress: Progress = {
    recordCount: 0,
    sizeBytes: 0,
    tornBytes: 0,
    corruptFileCount: 0,
    gaps: [],
    expected: afterSequence + 1,
  };
  const files: WalFile[] = [];
  for (const [index, name] of names.entries()) {
    const next = names[index + 1];
    const end = next === undefined ? Number.MAX_SAFE_INTEGER : walFileSequence(next)!;
    const file = await replayFile(directory, name, end, next === undefined, visit, afterSequence, progress);
    if (file !== undefined) files.push(file);
  }
  const { expected, ...report } = progress;
  return { report, files, lastSequence: expected - 1 };
}

async function replayFile(
  directory: StorageDirectory,
  name: string,
  endSequence: number,
  newest: boolean,
  visit: (record: WalRecord) => void | Promise<void>,
  afterSequence: number,
  progress: Progress,
): Promise<WalFile | undefined> {
  const bytes = await directory.read(name);
  const salt = decodeFileHeader(bytes, name);
  if (salt === undefined) {
    await dropUnreadable(directory, name, bytes.length, newest, progress);
    return undefined;
  }
  const first = walFileSequence(name)!;
  noteGap(progress, first);
  const reader = new WalFileReader(bytes, salt);
  let sequence = first;
  while (sequence < endSequence) {
    const record = reader.next();
    if (record === undefined) break;
    if (sequence > afterSequence) {
      progress.recordCount++;
      progress.sizeBytes += record.payload.length;
      await visit({ sequence, ...record });
    }
    sequence++;
  }
  progress.expected = Math.max(progress.expected, sequence);
  const sound = sequence === endSequence || reader.atEnd;
  const sizeBytes = newest || !sound ? reader.offset : bytes.length;
  if (!sound) await dropRest(directory, name, bytes, reader, newest, progress);
  return { name, first, last: sequence - 1, sizeBytes };
}

/** A file without a header: a creation that the crash interrupted, or damage. */
async function dropUnreadable(
  directory: StorageDirectory,
  name: string,
  sizeBytes: number,
  newest: boolean,
  progress: Progress,
): Promise<void> {
  // The name still tells how far the numbering had come, so that no number is given twice.
  const first = walFileSequence(name)!;
  if (newest && sizeBytes <= FILE_HEADER_BYTES) {
    progress.tornBytes += sizeBytes;
    await directory.remove(name);
  } else {
    progress.corruptFileCount++;
    await directory.moveInto(name, QUARANTINE);
  }
  noteGap(progress, first);
}

async function dropRest(
  directory: StorageDirectory,
  name: string,
  bytes: Uint8Array,
  reader: WalFileReader,
  newest: boolean,
  progress: Progress,
): Promise<void> {
  if (newest && !reader.soundRecordBehind()) {
    progress.tornBytes += bytes.length - reader.offset;
  } else {
    progress.corruptFileCount++;
    const aside = await directory.subdirectory(QUARANTINE);
    await aside.writeAtomic(`${name}.${reader.offset}`, [bytes.subarray(reader.offset)]);
  }
  // An older file is cut as well: the damage was reported and kept once, and must not be reported at every start.
  const file = await directory.openAppend(name);
  await file.truncate(reader.offset);
  await file.close();
}

function noteGap(progress: Progress, first: number): void {
  if (first > progress.expected) {
    progress.gaps.push({ first: progress.expected, last: first - 1 });
    progress.expected = first;
  }
}
