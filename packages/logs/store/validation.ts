/** Holds what comes in against the limits, with Loki's texts. Pure: the clock's time is an argument. */
import { type Labels, printLabels } from '../logql/labels.ts';
import type { StoreLimits } from './limits.ts';
import type { PushEntry, PushRefusal, PushStream } from './push.ts';

export interface Validated {
  readonly streams: readonly PushStream[];
  readonly refusals: readonly PushRefusal[];
}

export function validatePush(streams: readonly PushStream[], limits: StoreLimits, nowMs: number): Validated {
  const accepted: PushStream[] = [];
  const refusals: PushRefusal[] = [];
  for (const stream of streams) {
    const problem = checkLabels(stream.labels, limits);
    if (problem !== undefined) {
      refusals.push({
        ...problem,
        entryCount: stream.entries.length,
        lineBytes: sumBytes(stream.entries),
        status: 400,
      });
      continue;
    }
    const entries: PushEntry[] = [];
    for (const entry of stream.entries) {
      const fault = checkEntry(entry, stream.labels, limits, nowMs);
      if (fault === undefined) entries.push(cutLine(entry, limits));
      else refusals.push({ ...fault, entryCount: 1, lineBytes: Buffer.byteLength(entry.line), status: 400 });
    }
    if (entries.length > 0) accepted.push({ labels: stream.labels, entries });
  }
  return { streams: accepted, refusals };
}

interface Problem {
  readonly reason: string;
  readonly message: string;
}

function sumBytes(entries: readonly PushEntry[]): number {
  return entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.line), 0);
}

function checkLabels(labels: Labels, limits: StoreLimits): Problem | undefined {
  if (labels.length === 0)
    return { reason: 'missing_labels', message: 'error at least one label pair is required per stream' };
  const name = printLabels(labels);
  // The label that the server adds itself does not count.
  const counted = labels.filter(([label]) => label !== 'service_name').length;
  if (counted > limits.labelCountMax) {
    return {
      reason: 'max_label_names_per_series',
      message: `entry for stream '${name}' has ${counted} label names; limit ${limits.labelCountMax}`,
    };
  }
  for (const [at, [label, value]] of labels.entries()) {
    if (label.length > limits.labelNameLengthMax) {
      return { reason: 'label_name_too_long', message: `stream '${name}' has label name too long: '${label}'` };
    }
    if (value.length > limits.labelValueLengthMax) {
      return { reason: 'label_value_too_long', message: `stream '${name}' has label value too long: '${value}'` };
    }
    if (labels[at - 1]?.[0] === label) {
      return { reason: 'duplicate_label_names', message: `stream '${name}' has duplicate label name: '${label}'` };
    }
  }
  return undefined;
}

const isoTime = (timeNs: bigint): string => new Date(Number(timeNs / 1_000_000n)).toISOString().replace('.000Z', 'Z');

function checkEntry(entry: PushEntry, labels: Labels, limits: StoreLimits, nowMs: number): Problem | undefined {
  const timeMs = Number(entry.timeNs / 1_000_000n);
  if (limits.ageMsMax > 0 && timeMs < nowMs - limits.ageMsMax) {
    const oldest = isoTime(BigInt(nowMs - limits.ageMsMax) * 1_000_000n);
    return {
      reason: 'greater_than_max_sample_age',
      message: `entry for stream '${printLabels(labels)}' has timestamp too old: ${isoTime(entry.timeNs)}, oldest acceptable timestamp is: ${oldest}`,
    };
  }
  if (limits.aheadMsMax > 0 && timeMs > nowMs + limits.aheadMsMax) {
    return {
      reason: 'too_far_in_future',
      message: `entry for stream '${printLabels(labels)}' has timestamp too new: ${isoTime(entry.timeNs)}`,
    };
  }
  return checkSizes(entry, labels, limits);
}

function checkSizes(entry: PushEntry, labels: Labels, limits: StoreLimits): Problem | undefined {
  // A character takes at most three bytes: short lines need not be measured.
  if (entry.line.length * 3 > limits.lineBytesMax && !limits.lineTruncates) {
    const length = Buffer.byteLength(entry.line);
    if (length > limits.lineBytesMax) {
      return {
        reason: 'line_too_long',
        message: `Max entry size '${limits.lineBytesMax}' bytes exceeded for stream '${printLabels(labels)}' while adding an entry with length '${length}' bytes`,
      };
    }
  }
  const { metadata } = entry;
  if (metadata.length === 0) return undefined;
  const problem = checkMetadata(metadata, limits);
  return problem === undefined
    ? undefined
    : { ...problem, message: `stream '${printLabels(labels)}' ${problem.message}` };
}

/** The message goes on where the stream was named. */
function checkMetadata(metadata: Labels, limits: StoreLimits): Problem | undefined {
  if (!limits.metadataAllowed) {
    return {
      reason: 'disallowed_structured_metadata',
      message:
        'includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it',
    };
  }
  if (metadata.length > limits.metadataCountMax) {
    return {
      reason: 'structured_metadata_too_many',
      message: `has too many structured metadata labels: '${metadata.length}', limit: '${limits.metadataCountMax}'. Please see \`limits_config.max_structured_metadata_entries_count\` or contact your Loki administrator to increase it`,
    };
  }
  let characters = 0;
  for (const [name, value] of metadata) characters += name.length + value.length;
  // A character takes at most three bytes: small ones need not be measured.
  if (characters * 3 <= limits.metadataBytesMax) return undefined;
  const bytes = metadata.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes <= limits.metadataBytesMax) return undefined;
  return {
    reason: 'structured_metadata_too_large',
    message: `has structured metadata too large: '${bytes}' bytes, limit: '${limits.metadataBytesMax}' bytes. Please see \`limits_config.max_structured_metadata_size\` or contact your Loki administrator to increase it`,
  };
}

function cutLine(entry: PushEntry, limits: StoreLimits): PushEntry {
  if (!limits.lineTruncates || entry.line.length * 3 <= limits.lineBytesMax) return entry;
  const bytes = Buffer.from(entry.line);
  if (bytes.length <= limits.lineBytesMax) return entry;
  let end = limits.lineBytesMax;
  // Not in the middle of a character: continuation bytes are 10xxxxxx.
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return { ...entry, line: bytes.toString('utf8', 0, end) };
}

export function streamLimitRefusal(stream: PushStream): PushRefusal {
  return {
    reason: 'stream_limit',
    message: `Maximum active stream limit exceeded when trying to create stream ${printLabels(stream.labels)}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fake'`,
    entryCount: stream.entries.length,
    lineBytes: sumBytes(stream.entries),
    status: 429,
  };
}

/** Entries before `oldestNs`, of which there is at least one. */
export function lateRefusal(stream: PushStream, oldestNs: bigint): PushRefusal {
  const late = stream.entries.filter((entry) => entry.timeNs < oldestNs);
  const time = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString();
  const first = time(late[0]!.timeNs);
  return {
    reason: 'too_far_behind',
    message: `entry with timestamp ${first} ignored, reason: 'entry too far behind, entry timestamp is: ${first}, oldest acceptable timestamp is: ${time(oldestNs)}', user 'fake', total ignored: ${late.length} out of ${stream.entries.length} for stream: ${printLabels(stream.labels)}`,
    entryCount: late.length,
    lineBytes: sumBytes(late),
    status: 400,
  };
}
