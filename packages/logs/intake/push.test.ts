import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from '@mario/storage/testing';
import { compress } from 'snappyjs';
import { ByteWriter } from '../store/byte-writer.ts';
import { PushError } from './push-error.ts';
import { parsePushJson } from './push-json.ts';
import { parsePushProtobuf } from './push-protobuf.ts';

const BYTES_MAX = 1024 * 1024;

test('JSON with and without structured metadata', () => {
  const body = {
    streams: [
      {
        stream: { b: '2', a: '1', empty: '' },
        values: [
          ['1700000000000000001', 'line'],
          ['2', 'other', { 'trace.id': 'x' }],
        ],
      },
    ],
  };
  assert.deepEqual(parsePushJson(JSON.stringify(body)), [
    {
      labels: [
        ['a', '1'],
        ['b', '2'],
      ],
      entries: [
        { timeNs: 1_700_000_000_000_000_001n, line: 'line', metadata: [] },
        { timeNs: 2n, line: 'other', metadata: [['trace_id', 'x']] },
      ],
    },
  ]);
});

test('malformed JSON is refused with the place', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{', /couldn't parse push request/],
    ['[]', /not a JSON object/],
    ['{"streams":[{"stream":{"a":1}}]}', /value of a is not a string/],
    ['{"streams":[{"stream":{"a-b":"1"}}]}', /"a-b" is not a valid label name/],
    ['{"streams":[{"stream":{"a":"1"},"values":[[1,"x"]]}]}', /streams\[0\]\.values\[0\]: the timestamp/],
    ['{"streams":[{"stream":{"a":"1"},"values":[["1","x",{"k":1}]]}]}', /structured metadata k/],
  ];
  for (const [body, message] of cases)
    assert.throws(
      () => parsePushJson(body),
      (error: Error) => error instanceof PushError && message.test(error.message),
    );
});

function field(writer: ByteWriter, number: number, bytes: Uint8Array): void {
  writer.varint(number * 8 + 2);
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

function message(...fields: readonly (readonly [number, Uint8Array | string | number])[]): Uint8Array {
  const writer = new ByteWriter();
  for (const [number, value] of fields) {
    if (typeof value === 'number') {
      writer.varint(number * 8);
      writer.varint(value);
    } else field(writer, number, typeof value === 'string' ? Buffer.from(value) : value);
  }
  return Uint8Array.from(writer.view());
}

function samplePush(): Uint8Array {
  const entry = message(
    [1, message([1, 1_700_000_000], [2, 5])],
    [2, 'hällo'],
    [3, message([1, 'trace_id'], [2, 'abc'])],
  );
  return message([1, message([1, '{app="foo", env="prod"}'], [2, entry], [3, 99])]);
}

test('protobuf compressed by snappy', () => {
  assert.deepEqual(parsePushProtobuf(compress(samplePush()), BYTES_MAX), [
    {
      labels: [
        ['app', 'foo'],
        ['env', 'prod'],
      ],
      entries: [{ timeNs: 1_700_000_000_000_000_005n, line: 'hällo', metadata: [['trace_id', 'abc']] }],
    },
  ]);
});

test('any bytes are taken or refused, never anything else', () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const good = samplePush();
  for (let i = 0; i < 1000; i++) {
    const bytes = Uint8Array.from(good);
    for (let n = 1 + Math.floor(random() * 4); n > 0; n--)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const body = random() < 0.5 ? compress(bytes) : bytes;
    try {
      parsePushProtobuf(body, BYTES_MAX);
    } catch (error) {
      assert.ok(error instanceof PushError, `seed ${seed}: ${String(error)}`);
    }
  }
  assert.throws(() => parsePushProtobuf(compress(new Uint8Array(2 * BYTES_MAX)), BYTES_MAX), PushError);
});
