/**
 * A sample of zero where a counter or histogram began (the real server's `created-timestamp-zero-ingestion`), so that an
 * increase before the first sample counts, without anybody having to know start timestamps.
 */
import { EMPTY_HISTOGRAM, type FloatHistogram } from '../model/histogram.ts';
import type { AppendRequest, SampleRow } from './append-request.ts';
import type { SeriesClock } from './series-clock.ts';

/** A process that runs for long began before there was anything here; the head takes no new series that are older. */
const START_AGE_MS_MAX = 60 * 60_000;

export type TakeStarts = (
  request: AppendRequest,
  clock: SeriesClock,
  append: (zeros: AppendRequest) => Promise<unknown>,
) => Promise<AppendRequest>;

/** What becomes of the start timestamps of a request: zeros that are stored before it, and whether they stay in it. */
export function takeStarts(options: { readonly kept: boolean }): TakeStarts {
  return async (request, clock, append) => {
    const zeros = zeroRows(request.rows, clock);
    if (zeros.length > 0) await append({ rows: zeros });
    if (options.kept) return request;
    return { ...request, rows: request.rows.map((row) => (row.starts ? { ...row, starts: null } : row)) };
  };
}

/** One zero for each series that began since its newest sample. */
function zeroRows(rows: readonly SampleRow[], clock: SeriesClock): SampleRow[] {
  return rows.flatMap((row) => (row.starts ? zeroRowsOf(row, row.starts, clock) : []));
}

function zeroRowsOf(row: SampleRow, starts: Float64Array, clock: SeriesClock): SampleRow[] {
  const byStart = new Map<number, number[]>();
  for (let i = 0; i < row.count; i++) {
    const startMs = starts[i]!;
    if (startMs === 0 || startMs >= row.timestampMs || startMs <= clock.get(row.refs[i]!)) continue;
    if (startMs < row.timestampMs - START_AGE_MS_MAX || (row.stale?.includes(i) ?? false)) continue;
    const list = byStart.get(startMs);
    if (list === undefined) byStart.set(startMs, [i]);
    else list.push(i);
  }
  return [...byStart].sort(([a], [b]) => a - b).map(([startMs, positions]) => zeroRow(row, startMs, positions));
}

function zeroRow(row: SampleRow, timestampMs: number, positions: readonly number[]): SampleRow {
  const histograms = new Map<number, FloatHistogram>();
  positions.forEach((position, i) => {
    const histogram = row.histograms?.get(position);
    if (histogram === undefined) return;
    const { schema, zeroThreshold, customValues } = histogram;
    histograms.set(i, { ...EMPTY_HISTOGRAM, schema, zeroThreshold, customValues });
  });
  return {
    group: row.group,
    timestampMs,
    count: positions.length,
    refs: Int32Array.from(positions, (position) => row.refs[position]!),
    values: new Float64Array(positions.length),
    stale: null,
    histograms: histograms.size > 0 ? histograms : null,
    starts: null,
  };
}
