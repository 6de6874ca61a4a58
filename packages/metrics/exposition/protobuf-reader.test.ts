import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CustomBucketReader } from './custom-bucket-reader.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ScrapeReader } from './scrape-reader.ts';
import type { ExpositionReader } from './scraped-samples.ts';
import { delimited, type WireField, zigzag } from './testing/wire-bytes.ts';

const ALL = { nativeHistograms: true, alwaysClassic: true, startTimestamps: true };

function read(reader: ExpositionReader, bytes: Uint8Array): string[] {
  const samples = reader.read(bytes, bytes.length);
  return Array.from({ length: samples.count }, (_, i) => {
    const time = samples.hasTimestamps && !Number.isNaN(samples.timestampsMs[i]!) ? ` @${samples.timestampsMs[i]}` : '';
    const start = samples.startsMs === null || samples.startsMs[i] === 0 ? '' : ` since ${samples.startsMs[i]}`;
    const histogram = samples.histograms?.get(i);
    const value =
      histogram === undefined ? samples.values[i] : `{${histogram.positive.indexes}:${histogram.positive.counts}}`;
    return `${reader.labelsOf(samples.entries[i]!)} ${value}${time}${start}`;
  });
}

const label = (name: string, value: string): WireField => [
  1,
  {
    message: [
      [1, { text: name }],
      [2, { text: value }],
    ],
  },
];
const time = (field: number, seconds: number): WireField => [
  field,
  {
    message: [
      [1, { varint: seconds }],
      [2, { varint: 500_000_000 }],
    ],
  },
];
const family = (name: string, type: number, ...metrics: readonly (readonly WireField[])[]) =>
  delimited([
    [1, { text: name }],
    [2, { text: `help of ${name}` }],
    [3, { varint: type }],
    ...metrics.map((metric): WireField => [4, { message: metric }]),
    [5, { text: 'seconds' }],
  ]);

const COUNTER = family(
  'requests_total',
  0,
  [
    label('code', '200'),
    [
      3,
      {
        message: [
          [1, { double: 7.5 }],
          [2, { message: [label('trace_id', 'abc'), [2, { double: 1 }], time(3, 9)] }],
          time(3, 1_000),
        ],
      },
    ],
  ],
  [label('code', '500'), [3, { message: [[1, { double: 1 }]] }], [6, { varint: 1_700_000_000_000 }]],
);
const SUMMARY = family('s', 2, [
  [
    4,
    {
      message: [
        [1, { varint: 3 }],
        [2, { double: 6 }],
        [
          3,
          {
            message: [
              [1, { double: 0.5 }],
              [2, { double: 2 }],
            ],
          },
        ],
      ],
    },
  ],
]);
const bucket = (upper: number, count: number): WireField => [
  3,
  {
    message: [
      [1, { varint: count }],
      [2, { double: upper }],
    ],
  },
];
const HISTOGRAM: readonly WireField[] = [[1, { varint: 19 }], [2, { double: 18.4 }], bucket(1, 2), bucket(2.5, 5)];
const NATIVE: readonly WireField[] = [
  ...HISTOGRAM,
  [5, zigzag(3)],
  [6, { double: 0.001 }],
  [7, { varint: 1 }],
  [
    12,
    {
      message: [
        [1, zigzag(-2)],
        [2, { varint: 2 }],
      ],
    },
  ],
  [
    12,
    {
      message: [
        [1, zigzag(1)],
        [2, { varint: 2 }],
      ],
    },
  ],
  [13, { packed: [2, 1, 2, 3].map((delta) => 2 * delta) }],
  time(15, 2_000),
  [16, { message: [label('trace_id', 'x'), [2, { double: 4 }], time(3, 8)] }],
];

test('counters, gauges and summaries with labels, times, exemplars, starts and metadata', () => {
  const reader = new ProtobufReader(ALL);
  const bytes = Buffer.concat([COUNTER, family('g', 1, [[2, { message: [[1, { double: -1 }]] }]]), SUMMARY]);
  const lines = [
    'requests_total{code="200"} 7.5 since 1000500',
    'requests_total{code="500"} 1 @1700000000000',
    'g -1',
    's_count 3',
    's_sum 6',
    's{quantile="0.5"} 2',
  ];
  assert.deepEqual(read(reader, bytes), lines);
  const { layout } = reader;
  assert.deepEqual(read(reader, bytes), lines);
  assert.equal(reader.layout, layout);
  assert.deepEqual(reader.metadata.get('requests_total'), {
    type: 'counter',
    help: 'help of requests_total',
    unit: 'seconds',
  });
  const [exemplar] = reader.samples.exemplars;
  assert.deepEqual([exemplar!.sample, String(exemplar!.labels), exemplar!.timestampMs], [0, '{trace_id="abc"}', 9_500]);
});

test('native histograms beside or without their classic buckets', () => {
  const bytes = family('h', 4, [label('a', 'b'), [7, { message: NATIVE }]]);
  const classic = [
    'h_count{a="b"} 19 since 2000500',
    'h_sum{a="b"} 18.4 since 2000500',
    'h_bucket{a="b", le="1.0"} 2 since 2000500',
    'h_bucket{a="b", le="2.5"} 5 since 2000500',
    'h_bucket{a="b", le="+Inf"} 19 since 2000500',
  ];
  const native = 'h{a="b"} {-2,-1,1,2:2,3,5,8} since 2000500';
  const reader = new ProtobufReader(ALL);
  assert.deepEqual(read(reader, bytes), [native, ...classic]);
  assert.equal(reader.samples.exemplars.length, 1);
  const histogram = reader.samples.histograms!.get(0)!;
  assert.deepEqual(
    [histogram.schema, histogram.zeroThreshold, histogram.zeroCount, histogram.count],
    [3, 0.001, 1, 19],
  );
  assert.deepEqual(read(new ProtobufReader({ ...ALL, alwaysClassic: false }), bytes), [native]);
  assert.deepEqual(read(new ProtobufReader({ ...ALL, nativeHistograms: false }), bytes), classic);
  const gauge = new ProtobufReader(ALL);
  read(gauge, family('h', 5, [[7, { message: NATIVE }]]));
  assert.equal(gauge.samples.histograms!.get(0)!.counterResetHint, 'gauge');
});

test('what is no exposition is refused with the family that it is in', () => {
  const refuse = (bytes: Uint8Array, pattern: RegExp) =>
    assert.throws(() => read(new ProtobufReader(ALL), bytes), pattern);
  refuse(Buffer.from('a 1\n'), /metric family 1: /);
  refuse(Buffer.concat([SUMMARY, SUMMARY.subarray(0, -3)]), /metric family 2: unexpected end/);
  refuse(family('', 1, []), /without a name/);
  refuse(family('x', 6, []), /unknown metric type 6 for metric "x"/);
  refuse(family('x', 1, [label('a', 'b'), label('a', 'c')]), /label name "a" is not unique/);
  refuse(family('x', 4, [label('le', '1'), [7, { message: HISTOGRAM }]]), /label name "le" is not unique/);
  refuse(family('x', 1, [label('', 'c')]), /a label without a name/);
  const span: WireField = [
    12,
    {
      message: [
        [1, zigzag(0)],
        [2, { varint: 4_000_000_000 }],
      ],
    },
  ];
  refuse(family('x', 4, [[7, { message: [span] }]]), /more than 20000 buckets/);
  refuse(family('x', 4, [[7, { message: [[12, { message: [[2, { varint: 3 }]] }]] }]]), /spans need 3 buckets/);
});

test('what is not told is zero; a family without metrics is nothing', () => {
  const reader = new ProtobufReader(ALL);
  const bytes = Buffer.concat([
    family('', 1),
    family('y', 9),
    family('x', 0, [label('a', ''), [2, { message: [[1, { double: 4 }]] }]]),
    family('h', 4, []),
  ]);
  assert.deepEqual(read(reader, bytes), ['x 0', 'h_count 0', 'h_sum 0', 'h_bucket{le="+Inf"} 0']);
  assert.deepEqual([...reader.metadata.keys()], ['x', 'h']);
});

test('floats count where there are any, classic buckets end at the infinite one', () => {
  const floatBucket: WireField = [
    3,
    {
      message: [
        [1, { varint: 3 }],
        [4, { double: 1.5 }],
        [2, { double: 1 }],
      ],
    },
  ];
  const buckets = [floatBucket, bucket(Infinity, 4), bucket(5, 2)];
  const bytes = family('h', 4, [[7, { message: [[1, { varint: 9 }], [4, { double: 4.5 }], ...buckets] }]]);
  assert.deepEqual(read(new ProtobufReader(ALL), bytes), [
    'h_count 4.5',
    'h_sum 0',
    'h_bucket{le="1.0"} 1.5',
    'h_bucket{le="+Inf"} 4',
  ]);
});

test('a native histogram that contradicts itself is refused, unless only its classic buckets are read', () => {
  const span = (offset: number, length: number): WireField => [
    12,
    {
      message: [
        [1, zigzag(offset)],
        [2, { varint: length }],
      ],
    },
  ];
  const deltas = (...values: number[]): WireField => [
    13,
    { packed: values.map((each) => (each < 0 ? -2 * each - 1 : 2 * each)) },
  ];
  const cases: readonly (readonly [RegExp, readonly WireField[]])[] = [
    [
      /3 observations found in buckets, but the count of the histogram is 4/,
      [[1, { varint: 4 }], span(0, 1), deltas(3)],
    ],
    [/has -1 observations/, [span(0, 2), deltas(1, -2)]],
    [/a span of a histogram begins before the end of another/, [span(0, 1), span(-1, 1), deltas(1, 0)]],
    [/unknown schema -5/, [[5, zigzag(-5)], span(0, 0)]],
    [/spans need 1 buckets, have 0/, [[4, { double: 1 }], span(0, 1), deltas(1)]],
  ];
  for (const [pattern, message] of cases) {
    const bytes = family('h', 4, [[7, { message }]]);
    assert.throws(() => read(new ProtobufReader(ALL), bytes), pattern);
    assert.equal(read(new ProtobufReader({ ...ALL, nativeHistograms: false }), bytes).length, 3);
  }
  const unseen: WireField[] = [[1, { varint: 4 }], [2, { double: Number.NaN }], span(0, 1), deltas(3)];
  assert.deepEqual(read(new ProtobufReader(ALL), family('h', 4, [[7, { message: unseen }]])), ['h {0:3}']);
});

test('classic histograms become native ones with custom buckets', () => {
  const text = Buffer.from(
    '# TYPE h histogram\nh_bucket{x="1",le="1"} 2\nh_bucket{x="1",le="2.5"} 2\nh_bucket{x="1",le="+Inf"} 6\nh_sum{x="1"} 9\nh_count{x="1"} 6\n' +
      'h_bucket{x="2",le="1"} 5\nh_bucket{x="2",le="2"} 4\nh_count{x="2"} 5\nother_count 1\n',
  );
  const reader = new CustomBucketReader(new ScrapeReader(), { alwaysClassic: false });
  const broken = ['h_bucket{le="1.0", x="2"} 5', 'h_bucket{le="2.0", x="2"} 4', 'h_count{x="2"} 5', 'other_count 1'];
  for (let round = 0; round < 2; round++) assert.deepEqual(read(reader, text), [...broken, 'h{x="1"} {0,2:2,4}']);
  const histogram = reader.samples.histograms!.get(4)!;
  assert.deepEqual([histogram.schema, histogram.customValues, histogram.sum, histogram.count], [-53, [1, 2.5], 9, 6]);
  const both = new CustomBucketReader(new ScrapeReader(), { alwaysClassic: true });
  assert.equal(read(both, text).length, 10);
});

test('which classic histograms become native ones is as in the real server; what it loses stays classic', () => {
  const convert = (lines: readonly string[]) => {
    const reader = new CustomBucketReader(new ScrapeReader(), { alwaysClassic: false });
    return read(reader, Buffer.from(['# TYPE h histogram', ...lines, ''].join('\n')));
  };
  const [low, first, second] = ['h_bucket{le="1"} 1', 'h_bucket{le="2"} 3', 'h_bucket{le="2"} 5'];
  const infinite = 'h_bucket{le="+Inf"} 5';
  assert.deepEqual(convert([low, first, second, infinite, 'h_count 5']), ['h {0,1,2:1,2,2}']);
  assert.deepEqual(convert(['h_count 4', 'h_sum 2']), ['h {0:4}']);
  assert.deepEqual(convert(['h_sum 2']), ['h {:}']);
  for (const lines of [
    [low, infinite, 'h_count 6'],
    ['h_bucket{le="1"} -1'],
    ['h_count -1'],
    [first, 'h_bucket{le="3"} 2'],
  ])
    assert.equal(convert(lines).length, lines.length, lines.join());
  assert.deepEqual(convert([low, 'h_bucket{le="NaN"} 1']), ['h_bucket{le="NaN"} 1', 'h {0:1}']);
});
