/** The remote-write receiver: 1.0 and 2.0, snappy, the real server's answers. */
import { CorruptError, decompressSnappy, TooLargeError } from '@mario/otlp';
import { isStorageError } from '@mario/storage';
import { GroupChooser } from './group-chooser.ts';
import type { IntakeOptions, IntakeStore } from './otlp-intake.ts';
import { RowCollector } from './row-collector.ts';
import { WireError } from './wire-reader.ts';
import { readWriteRequest, readWriteRequest2, type WriteRequest } from './write-request.ts';

/** Decompressed; Prometheus' own senders stay far below a megabyte. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

const PROTO_TYPE = 'application/x-protobuf';
const PROTO_1 = 'prometheus.WriteRequest';
const PROTO_2 = 'io.prometheus.write.v2.Request';

export interface WriteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class RemoteWrite {
  readonly #store: IntakeStore;
  readonly #groups = new GroupChooser('write');
  readonly #startTimestamps: boolean;

  constructor(store: IntakeStore, { startTimestamps = false }: IntakeOptions = {}) {
    this.#store = store;
    this.#startTimestamps = startTimestamps;
  }

  /** Never rejects: what is wrong becomes the answer. */
  async receive(
    contentType: string | undefined,
    contentEncoding: string | undefined,
    body: Uint8Array,
  ): Promise<WriteAnswer> {
    const message = messageOf(contentType ?? '');
    if (message !== PROTO_1 && message !== PROTO_2) return refuse(415, message.problem);
    if ((contentEncoding ?? 'snappy').toLowerCase() !== 'snappy') {
      return refuse(
        415,
        `${contentEncoding} encoding (compression) is not accepted by this server; only snappy is acceptable`,
      );
    }
    let request: WriteRequest;
    try {
      const bytes = decompressSnappy(body, MESSAGE_BYTES_MAX);
      request = message === PROTO_1 ? readWriteRequest(bytes) : readWriteRequest2(bytes);
    } catch (error) {
      if (error instanceof TooLargeError) return refuse(413, error.message);
      if (error instanceof WireError || error instanceof CorruptError) return refuse(400, error.message);
      throw error;
    }
    return this.#write(request, message === PROTO_2);
  }

  async #write(request: WriteRequest, isVersion2: boolean): Promise<WriteAnswer> {
    const { rows, exemplars, counts, problems } = this.#collect(request);
    for (const { group, count } of rows) this.#groups.note(group, count);
    try {
      const result = await this.#store.append({ rows, exemplars, metadata: request.metadata });
      if (result.outOfOrder > 0) problems.push('out of order sample');
      if (result.duplicate > 0) problems.push('duplicate sample for timestamp');
      if (result.outOfBounds > 0) problems.push('out of bounds');
      const dropped = result.outOfOrder + result.duplicate + result.outOfBounds;
      const headers = isVersion2 ? writtenHeaders({ ...counts, samples: Math.max(0, counts.samples - dropped) }) : {};
      return problems.length > 0 ? refuse(400, problems.join('; '), headers) : { status: 204, headers, body: '' };
    } catch (error) {
      // 5xx is sent again by every client; 4xx never.
      const full = isStorageError(error, 'STORAGE_FULL') || isStorageError(error, 'STORAGE_LIMIT');
      return refuse(full ? 503 : 500, (error as Error).message);
    }
  }

  #collect(request: WriteRequest) {
    const rows = new RowCollector();
    const exemplars = [];
    const problems: string[] = [];
    const counts = { samples: 0, histograms: 0, exemplars: 0 };
    for (const { labels, samples, histograms, exemplars: found, startMs: seriesStartMs } of request.series) {
      const start = (startMs: number) => (this.#startTimestamps ? startMs || seriesStartMs : 0);
      if (labels.metricName === '' && (samples.length > 0 || histograms.length > 0)) {
        problems.push(`invalid metric name or labels, got ${labels}`);
        continue;
      }
      const ref = this.#store.ref(labels);
      if (ref < 0) {
        problems.push(`a limit on series or labels is met by ${labels}`);
        continue;
      }
      const group = this.#groups.of(labels, ref);
      for (const { timestampMs, value, stale, startMs } of samples) {
        if (stale) rows.addStale(group, timestampMs, ref);
        else rows.add(group, timestampMs, ref, value, start(startMs));
      }
      for (const { timestampMs, histogram, stale, startMs } of histograms) {
        if (stale) rows.addStale(group, timestampMs, ref);
        else rows.addHistogram(group, timestampMs, ref, histogram, start(startMs));
      }
      for (const exemplar of found) exemplars.push({ ref, exemplar });
      counts.samples += samples.length;
      counts.histograms += histograms.length;
      counts.exemplars += found.length;
    }
    return { rows: rows.rows(), exemplars, counts, problems: problems.slice(0, 10) };
  }
}

/** The message that a content type announces, or what is wrong with it in the real server's words. */
function messageOf(contentType: string): typeof PROTO_1 | typeof PROTO_2 | { readonly problem: string } {
  const [type = '', ...params] = contentType.trim().split(';');
  // Old senders say nothing; the real server then takes what they most likely send.
  if (contentType.trim() === '') return PROTO_1;
  if (type.trim() !== PROTO_TYPE)
    return { problem: `expected ${PROTO_TYPE} as the first (media) part, got ${contentType} content-type` };
  for (const param of params) {
    const [name = '', value, ...more] = param.split('=');
    if (value === undefined || more.length > 0) {
      return {
        problem: `as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be key-values, got ${param} in ${contentType} content-type`,
      };
    }
    if (name.trim() !== 'proto') continue;
    if (value === PROTO_1 || value === PROTO_2) return value;
    return {
      problem: `got ${contentType} content type; unknown remote write protobuf message ${value}, supported: ${PROTO_1}, ${PROTO_2}`,
    };
  }
  return PROTO_1;
}

function writtenHeaders(counts: { samples: number; histograms: number; exemplars: number }): Record<string, string> {
  return {
    'x-prometheus-remote-write-samples-written': String(counts.samples),
    'x-prometheus-remote-write-histograms-written': String(counts.histograms),
    'x-prometheus-remote-write-exemplars-written': String(counts.exemplars),
  };
}

function refuse(status: number, message: string, headers: Readonly<Record<string, string>> = {}): WriteAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${message}\n` };
}
