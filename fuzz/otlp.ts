/** Fuzz target: the OTLP decoders. Whatever the bytes are, they are decoded or refused as DecodeError. */

import {
  DecodeError,
  decodeLogs,
  decodeLogsJson,
  decodeMetrics,
  decodeMetricsJson,
  decodeSpans,
  decodeSpansJson,
  encodeLogs,
  encodeLogsJson,
  encodeMetrics,
  encodeMetricsJson,
  encodeSpans,
  encodeSpansJson,
} from '../packages/otlp/index.ts';
import { Random, randomLogs, randomMetrics, randomSpans } from '../packages/otlp/testing/index.ts';
import { mutate, pick, timeBox } from './time-box.ts';

const source = new Random(1);
const spans = randomSpans(source, 20);
const logs = randomLogs(source, 20);
const metrics = randomMetrics(source, 20);
const asText = (decode: (text: string) => unknown) => (bytes: Uint8Array) => decode(Buffer.from(bytes).toString());

const targets: readonly (readonly [decode: (bytes: Uint8Array) => unknown, sound: Uint8Array])[] = [
  [decodeSpans, encodeSpans(spans)],
  [decodeLogs, encodeLogs(logs)],
  [decodeMetrics, encodeMetrics(metrics)],
  [asText(decodeSpansJson), Buffer.from(encodeSpansJson(spans))],
  [asText(decodeLogsJson), Buffer.from(encodeLogsJson(logs))],
  [asText(decodeMetricsJson), Buffer.from(encodeMetricsJson(metrics))],
];

await timeBox('otlp', (random) => {
  const [decode, sound] = pick(random, targets);
  try {
    decode(mutate(random, sound));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
});
