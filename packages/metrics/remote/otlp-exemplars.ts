/** Exemplars of OTLP points, with the trace that they come from. */
import { attributeKey, type ExemplarTable, numberValue, valueText } from '@mario/otlp';
import type { OtlpConfig } from '../config/otlp-config.ts';
import { Labels } from '../model/labels.ts';
import type { Exemplar } from '../queryable.ts';
import { labelName } from './otlp-names.ts';

export interface ExemplarPoint {
  readonly ref: number;
  readonly exemplar: Exemplar;
}

/** OpenMetrics allows so many characters of labels; what does not fit beside the ids is left out. */
const CHARS_MAX = 128;

export function pointExemplars(
  table: ExemplarTable,
  point: number,
  ref: number,
  timestampMs: number,
  config: OtlpConfig,
): ExemplarPoint[] {
  const found: ExemplarPoint[] = [];
  for (let i = table.offsets[point]!; i < table.offsets[point + 1]!; i++) {
    const ownMs = Number(table.timeNs[i]! / 1_000_000n);
    found.push({
      ref,
      exemplar: {
        labels: labelsOf(table, i, config),
        value: numberValue(table, i),
        timestampMs: ownMs > 0 ? ownMs : timestampMs,
      },
    });
  }
  return found;
}

function labelsOf(table: ExemplarTable, i: number, config: OtlpConfig): Labels {
  const labels = new Map<string, string>();
  const traceId = hex(table.traceIds, i, 16);
  const spanId = hex(table.spanIds, i, 8);
  if (traceId !== '') labels.set('trace_id', traceId);
  if (spanId !== '') labels.set('span_id', spanId);
  let chars = [...labels].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  const { attributes } = table;
  for (let row = attributes.offsets[i]!; row < attributes.offsets[i + 1]!; row++) {
    const name = labelName(attributeKey(attributes, row), config);
    const value = valueText(attributes, row);
    chars += name.length + value.length;
    if (chars > CHARS_MAX) break;
    labels.set(name, value);
  }
  return Labels.from(labels);
}

/** '' when all bytes are zero. */
function hex(ids: Uint8Array, i: number, size: number): string {
  const id = ids.subarray(i * size, (i + 1) * size);
  return id.every((byte) => byte === 0) ? '' : Buffer.from(id.buffer, id.byteOffset, size).toString('hex');
}
