// Bytes that are not OTLP: each is refused with a `DecodeError` that names the place, and the next request is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanBatchBuilder } from '../build/span-batch-builder.ts';
import { encodeLogs } from '../encode/log-encoder.ts';
import { encodeMetrics } from '../encode/metric-encoder.ts';
import { encodeSpans } from '../encode/span-encoder.ts';
import { attributeString } from '../model/attributes.ts';
import { randomLogs, randomMetrics, randomSpans } from '../testing/generate.ts';
import { Random } from '../testing/random.ts';
import { DecodeError } from './decode-error.ts';
import { decodeLogsJson, decodeMetricsJson, decodeSpansJson } from './json-decoder.ts';
import { decodeLogs } from './log-decoder.ts';
import { decodeMetrics } from './metric-decoder.ts';
import { decodeSpans } from './span-decoder.ts';

/** A message in the wire format: `[field, bytes]`. */
function message(field: number, ...content: (Buffer | number)[]): Buffer {
  const body = Buffer.concat(content.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));
  assert.ok(body.length < 128, 'lengths of one byte are enough here');
  return Buffer.concat([Buffer.from([field * 8 + 2, body.length]), body]);
}

const inSpan = (...content: (Buffer | number)[]) => message(1, message(2, message(2, ...content)));

test('protobuf: what is wrong and where', () => {
  const cases: [string, Buffer, RegExp][] = [
    ['truncated', Buffer.from([10, 200, 1]), /beyond its message at byte 3/],
    ['no field 0', Buffer.from([2, 0]), /field number 0/],
    ['endless number', Buffer.from([16, ...Array.from({ length: 11 }, () => 0x80)]), /longer than ten bytes/],
    ['wrong wire type', inSpan(0x28, 1), /wire type 0 for Span\.name, which has 2/],
    ['id too short', inSpan(message(1, Buffer.alloc(8))), /8 bytes for Span\.trace_id, which has 16/],
    ['not UTF-8', inSpan(message(5, 0xff, 0xfe)), /Span\.name at byte \d+ is not valid UTF-8/],
    ['field across its message', message(1, message(2, 0x12, 4, 0x39, 1, 2, 3)), /beyond its message|truncated/],
    ['unknown wire type', Buffer.from([0x7f]), /wire type 7/],
    ['group without end', Buffer.from([0xfb, 1, 8, 1]), /group without an end/],
  ];
  for (const [name, bytes, pattern] of cases) {
    assert.throws(
      () => decodeSpans(bytes),
      (error) => error instanceof DecodeError && pattern.test(error.message),
      name,
    );
  }
  const deep = Array.from({ length: 300 }).reduce<Buffer>((inner) => lengthed(5, lengthed(1, inner)), Buffer.alloc(0));
  assert.throws(() => decodeLogs(lengthed(1, lengthed(2, lengthed(2, lengthed(5, deep))))), /nested deeper than 100/);
});

test('protobuf: unknown fields and groups are skipped, the last value of a field counts', () => {
  const unknown = Buffer.from([0xfb, 1, 8, 1, 0xfc, 1, 0xe8, 7, 5, 0xe5, 7, 1, 2, 3, 4]);
  const batch = decodeSpans(
    inSpan(unknown, message(5, Buffer.from('first')), unknown, message(5, Buffer.from('last'))),
  );
  assert.equal(batch.strings[batch.name[0]!], 'last');
});

test('a failed request leaves nothing behind', () => {
  const good = new SpanBatchBuilder()
    .resource({ 'service.name': 'a' })
    .span({
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      name: 'n',
      startNs: 1n,
      endNs: 2n,
      attributes: { k: 'v' },
    })
    .build();
  const bytes = encodeSpans(good);
  assert.throws(() => decodeSpans(bytes.subarray(0, bytes.length - 1)), DecodeError);
  const batch = decodeSpans(bytes);
  assert.equal(batch.count, 1);
  assert.equal(attributeString(batch.attributes, 0, 'k'), 'v');
  assert.equal(attributeString(batch.resources.attributes, 0, 'service.name'), 'a');
});

test('JSON: what is wrong and where', () => {
  const inRequest = (span: string) => `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
  const cases: [string, RegExp][] = [
    ['{', /malformed JSON/],
    ['[]', /\$ is not an object/],
    ['{"resourceSpans":{}}', /\$\.resourceSpans is not an array/],
    [inRequest('{"name":5}'), /spans\[0\]\.name is not a string/],
    [inRequest('{"startTimeUnixNano":"x"}'), /startTimeUnixNano is not a 64-bit integer/],
    [inRequest('{"kind":"SPAN_KIND_OVEN"}'), /kind has the unknown value 'SPAN_KIND_OVEN'/],
    [inRequest('{"attributes":[{"key":"a","value":{"bytesValue":"*"}}]}'), /bytesValue is not base64/],
  ];
  for (const [text, pattern] of cases)
    assert.throws(
      () => decodeSpansJson(text),
      (e) => e instanceof DecodeError && pattern.test(e.message),
      text,
    );
  const lenient = decodeSpansJson(
    inRequest(
      '{"traceId":"0AF7651916CD43DD8448EB211C80319C","kind":"SPAN_KIND_SERVER","start_time_unix_nano":1700000000123456789,"unknown":{},"name":null}',
    ),
  );
  assert.deepEqual([lenient.kind[0], lenient.startNs[0], lenient.traceIds[0]], [2, 1_700_000_000_123_456_789n, 0x0a]);
});

test('bytes changed at random never do more than fail', () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1e9);
  const random = new Random(seed);
  const sources = [
    [decodeSpans, encodeSpans(randomSpans(random, 10))],
    [decodeLogs, encodeLogs(randomLogs(random, 10))],
    [decodeMetrics, encodeMetrics(randomMetrics(random, 10))],
    [
      (bytes: Uint8Array) => decodeSpansJson(Buffer.from(bytes).toString()),
      Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x","kind":1}]}]}]}'),
    ],
    [
      (bytes: Uint8Array) => decodeLogsJson(Buffer.from(bytes).toString()),
      Buffer.from('{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":"5"}}]}]}]}'),
    ],
    [
      (bytes: Uint8Array) => decodeMetricsJson(Buffer.from(bytes).toString()),
      Buffer.from(
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"x","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]}',
      ),
    ],
  ] as const;
  for (let round = 0; round < 3000; round++) {
    const [decode, source] = sources[round % sources.length]!;
    const bytes = Buffer.from(source);
    for (let changes = 1 + random.int(4); changes > 0; changes--) bytes[random.int(bytes.length)] = random.int(256);
    const cut = random.chance(0.3) ? bytes.subarray(0, random.int(bytes.length)) : bytes;
    try {
      decode(cut);
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw new Error(`seed ${seed}, round ${round} (repeat with FUZZ_SEED=${seed})`, { cause: error });
      }
    }
  }
});

/** As `message`, for any length. */
function lengthed(field: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  for (; rest > 0x7f; rest >>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([field * 8 + 2, ...length, rest]), body]);
}
