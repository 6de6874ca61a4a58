// How much memory a batch holds, for limits.
import type { TelemetryBatch } from './origin.ts';

/** What V8 spends on a string besides its characters, and an array on an element that points to it. */
const stringOverheadBytes = 24;
/** A guess for bigints and nested values, which are rare. */
const valueBytes = 64;
/** The columns of one record with a handful of attributes, about. */
const recordBytes = 400;

/** Bytes, about: exact for strings, a mean for columns. Slices count the strings of the whole that they hold on to. */
export function batchSizeBytes(batch: TelemetryBatch): number {
  let bytes = batch.count * recordBytes + (batch.bigints.length + batch.complex.length) * valueBytes;
  for (const text of batch.strings) bytes += stringOverheadBytes + text.length;
  return bytes;
}
