/** What every push passes, whatever its protocol: the service's name, the detected level, the counters, the store. */
import type { Counter, OwnMetrics } from '@mario/service';
import { type Label, type Labels, labelValue, sortLabels } from '../logql/labels.ts';
import type { StoreLimits } from '../store/limits.ts';
import { levelNames, levelOfLine, levelOfSeverity, normalizeLevel } from '../store/line-level.ts';
import type { LogStore } from '../store/log-store.ts';
import type { PushEntry, PushOutcome, PushStream } from '../store/push.ts';

const SERVICE_LABEL = 'service_name';
const SERVICE_UNKNOWN = 'unknown_service';
const LEVEL_LABEL = 'detected_level';

/** The one tenant of an installation without authentication, as Loki names it. */
export const TENANT = 'fake';

export class Distributor {
  readonly #store: LogStore;
  readonly #limits: StoreLimits;
  readonly #lines: Counter;
  readonly #bytes: Counter;
  readonly #discardedLines: Counter;
  readonly #discardedBytes: Counter;

  constructor(store: LogStore, limits: StoreLimits, metrics: OwnMetrics) {
    this.#store = store;
    this.#limits = limits;
    this.#lines = metrics.counter(
      'loki_distributor_lines_received_total',
      'The total number of lines received per tenant.',
    );
    this.#bytes = metrics.counter(
      'loki_distributor_bytes_received_total',
      'The total number of uncompressed bytes received per tenant.',
    );
    this.#discardedLines = metrics.counter(
      'loki_discarded_samples_total',
      'The total number of samples that were discarded.',
    );
    this.#discardedBytes = metrics.counter(
      'loki_discarded_bytes_total',
      'The total number of bytes that were discarded.',
    );
  }

  /** Resolves when what was accepted is durable. Rejects with a StorageError when the disk refuses. */
  async push(streams: readonly PushStream[]): Promise<PushOutcome> {
    let lineCount = 0;
    let lineBytes = 0;
    const prepared = streams.map((stream): PushStream => {
      lineCount += stream.entries.length;
      for (const entry of stream.entries) lineBytes += Buffer.byteLength(entry.line);
      return this.#prepare(stream);
    });
    this.#lines.inc({ tenant: TENANT }, lineCount);
    this.#bytes.inc({ tenant: TENANT }, lineBytes);
    const outcome = await this.#store.push(prepared);
    for (const { reason, entryCount, lineBytes: bytes } of outcome.refusals) {
      this.#discardedLines.inc({ reason, tenant: TENANT }, entryCount);
      this.#discardedBytes.inc({ reason, tenant: TENANT }, bytes);
    }
    return outcome;
  }

  #prepare(stream: PushStream): PushStream {
    const labels = stream.labels.length === 0 ? stream.labels : this.#withService(stream.labels);
    if (!this.#limits.detectsLevels || !this.#limits.metadataAllowed) return { labels, entries: stream.entries };
    const streamLevel = levelIn(labels);
    return { labels, entries: stream.entries.map((entry) => withLevel(entry, streamLevel)) };
  }

  #withService(labels: Labels): Labels {
    const { serviceNameLabels } = this.#limits;
    if (serviceNameLabels.length === 0 || labelValue(labels, SERVICE_LABEL) !== undefined) return labels;
    const source = serviceNameLabels.find((name) => labelValue(labels, name) !== undefined);
    const value = source === undefined ? SERVICE_UNKNOWN : labelValue(labels, source)!;
    return sortLabels([...labels, [SERVICE_LABEL, value]]);
  }
}

function levelIn(labels: Labels): string | undefined {
  for (const name of levelNames) {
    const value = labelValue(labels, name);
    if (value !== undefined) return normalizeLevel(value) ?? value;
  }
  return undefined;
}

/** The stream's label counts most, then metadata with the level's name, then the severity's number, then the line. */
function withLevel(entry: PushEntry, streamLevel: string | undefined): PushEntry {
  if (labelValue(entry.metadata, LEVEL_LABEL) !== undefined) return entry;
  const severity = labelValue(entry.metadata, 'severity_number');
  const level =
    streamLevel ??
    levelIn(entry.metadata) ??
    (severity === undefined ? levelOfLine(entry.line) : levelOfSeverity(Number(severity)));
  const metadata: Label[] = [...entry.metadata, [LEVEL_LABEL, level]];
  return { ...entry, metadata: sortLabels(metadata) };
}
