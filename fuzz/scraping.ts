/**
 * Fuzz target: what a scrape and the intakes read. Any bytes are read or refused with their own errors; and a reader that
 * predicts from the scrape before reads the same as one that sees the text for the first time.
 */
import { compress } from 'snappyjs';
import { OTLP_DEFAULT, TRANSLATION_STRATEGIES } from '../packages/metrics/config/otlp-config.ts';
import { parsePrometheusConfig } from '../packages/metrics/config/prometheus-config.ts';
import { CustomBucketReader } from '../packages/metrics/exposition/custom-bucket-reader.ts';
import { ExpositionError } from '../packages/metrics/exposition/exposition-error.ts';
import { ProtobufReader } from '../packages/metrics/exposition/protobuf-reader.ts';
import { ScrapeReader } from '../packages/metrics/exposition/scrape-reader.ts';
import type { ExpositionReader } from '../packages/metrics/exposition/scraped-samples.ts';
import { delimited, type WireField, wireBytes, zigzag } from '../packages/metrics/exposition/testing/wire-bytes.ts';
import type { Labels } from '../packages/metrics/model/labels.ts';
import { OtlpIntake } from '../packages/metrics/remote/otlp-intake.ts';
import { RemoteWrite } from '../packages/metrics/remote/remote-write.ts';
import { BodyBuffers, BodyTooLargeError } from '../packages/metrics/scrape/http/body-buffer.ts';
import { ResponseError, ResponseReader } from '../packages/metrics/scrape/http/response-reader.ts';
import { ScrapeSamples } from '../packages/metrics/scrape/scrape-samples.ts';
import { makeTarget } from '../packages/metrics/scrape/target.ts';
import type { AppendRequest, SampleRow } from '../packages/metrics/store/append-request.ts';
import { answerOtlpHttp, decodeMetrics, encodeMetrics, PermanentError } from '../packages/otlp/index.ts';
import { Random, randomMetrics } from '../packages/otlp/testing/index.ts';
import { mutate, pick, timeBox } from './time-box.ts';

const label = (name: string, value: string): WireField => [
  1,
  {
    message: [
      [1, { text: name }],
      [2, { text: value }],
    ],
  },
];
const FAMILIES = Buffer.concat([
  delimited([
    [1, { text: 'a_total' }],
    [3, { varint: 0 }],
    [
      4,
      {
        message: [
          label('x', 'y'),
          [
            3,
            {
              message: [
                [1, { double: 1.5 }],
                [3, { message: [[1, { varint: 7 }]] }],
              ],
            },
          ],
        ],
      },
    ],
  ]),
  delimited([
    [1, { text: 'h' }],
    [3, { varint: 4 }],
    [
      4,
      {
        message: [
          [
            7,
            {
              message: [
                [1, { varint: 6 }],
                [5, zigzag(3)],
                [
                  12,
                  {
                    message: [
                      [1, zigzag(-2)],
                      [2, { varint: 2 }],
                    ],
                  },
                ],
                [13, { packed: [2, 4] }],
                [
                  3,
                  {
                    message: [
                      [1, { varint: 2 }],
                      [2, { double: 1 }],
                    ],
                  },
                ],
              ],
            },
          ],
        ],
      },
    ],
  ]),
]);
const WRITE2 = wireBytes([
  ...['', '__name__', 'a', 'b'].map((text): WireField => [4, { text }]),
  [
    5,
    {
      message: [
        [1, { packed: [1, 2] }],
        [
          2,
          {
            message: [
              [1, { double: 2 }],
              [2, { varint: 1000 }],
            ],
          },
        ],
        [6, { varint: 5 }],
      ],
    },
  ],
]);
const OTLP = Buffer.from(encodeMetrics(randomMetrics(new Random(1), 20)));
const RESPONSES = [
  'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\na 1\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\na \r\n2\r\n1\n\r\n0\r\n\r\n',
].map((text) => Buffer.from(text));

const store = {
  ref: () => 1,
  refGeneration: 0,
  lastSamples: async () => new Map(),
  append: async () => ({ appended: 0, outOfOrder: 0, duplicate: 0, outOfBounds: 0 }),
};

function refuses(run: () => unknown, ...kinds: readonly (new (...args: never[]) => Error)[]): void {
  try {
    run();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
  }
}

/** One scrape's text: lines that mostly stay, sometimes vanish, move or are new, with classic histograms among them. */
function exposition(random: () => number, format: 'text' | 'openmetrics'): string {
  const lines: string[] = [];
  for (let i = 0; i < 12; i++) {
    if (random() < 0.1) continue;
    const value = pick(random, ['1', '2.5', '-7', '1e3', '0.30000000000000004', '12345678901234567', 'NaN', '+Inf']);
    const time = random() < 0.03 ? ` ${format === 'text' ? 1000 + i : 1 + i}` : '';
    if (i % 5 === 0) lines.push(`# TYPE m${i} ${pick(random, ['gauge', 'counter', 'histogram'])}`);
    lines.push(`m${i}${i % 5 === 0 ? '_total' : ''}{a="${i}",b="${'x'.repeat(i)}"} ${value}${time}`);
    if (i % 5 === 0 && random() < 0.5) lines.push(`m${i}_created{a="${i}",b="${'x'.repeat(i)}"} 17`);
  }
  if (random() < 0.5) {
    lines.push('# TYPE h histogram', 'h_bucket{le="1"} 2', `h_bucket{le="+Inf"} ${random() < 0.9 ? 3 : 1}`, 'h_sum 4');
    lines.push(random() < 0.9 ? 'h_count 3' : 'h_other 3');
  }
  if (random() < 0.2) lines.push(pick(random, lines), 'new 1');
  if (random() < 0.1) lines.reverse();
  return `${lines.join('\n')}\n${format === 'openmetrics' ? '# EOF\n' : ''}`;
}

function seen(reader: ExpositionReader, bytes: Uint8Array): string {
  try {
    const samples = reader.read(bytes, bytes.length);
    const all = Array.from({ length: samples.count }, (_, i) => [
      String(reader.labelsOf(samples.entries[i]!)),
      String(samples.values[i]),
      samples.hasTimestamps ? String(samples.timestampsMs[i]) : 'NaN',
      samples.startsMs?.[i] ?? 0,
      samples.histograms?.get(i)?.count ?? '',
    ]);
    return JSON.stringify(all);
  } catch (error) {
    if (error instanceof ExpositionError) return error.message;
    throw error;
  }
}

type Make = () => ExpositionReader;
const READERS: readonly (readonly ['text' | 'openmetrics', Make])[] = [
  ['text', () => new ScrapeReader('text')],
  ['openmetrics', () => new ScrapeReader('openmetrics', { startTimestamps: true })],
  ['text', () => new CustomBucketReader(new ScrapeReader('text'), { alwaysClassic: false })],
];
const kept = READERS.map(([, make]) => make());

/** A reader that has seen other scrapes reads what a new one reads. */
function prediction(random: () => number): void {
  const which = Math.floor(random() * READERS.length);
  const [format, make] = READERS[which]!;
  let bytes: Uint8Array = Buffer.from(exposition(random, format));
  if (random() < 0.3) bytes = mutate(random, bytes);
  const fresh = seen(make(), bytes);
  const again = seen(kept[which]!, bytes);
  // Bounds of histograms are written anew by the type in force when a line is first seen, so those may differ in form.
  const plain = (text: string) => text.replace(/(le|quantile)=\\"([0-9]+)\.0\\"/g, '$1=\\"$2\\"');
  if (plain(again) !== plain(fresh)) throw new Error(`${Buffer.from(bytes)}\nread as ${again}\nand anew as ${fresh}`);
}

/** The newest value of each series, or that it is stale, as the rows tell it. */
class Replay {
  readonly labels: Labels[] = [];
  readonly refs = new Map<string, number>();
  readonly last = new Map<string, string>();
  refGeneration = 0;

  ref(labels: Labels): number {
    let ref = this.refs.get(labels.key);
    if (ref === undefined) {
      ref = this.labels.push(labels) - 1;
      this.refs.set(labels.key, ref);
    }
    return ref;
  }

  keeps(): boolean {
    return true;
  }

  apply({ rows }: AppendRequest): void {
    for (const row of rows) for (let i = 0; i < row.count; i++) this.#one(row, i);
  }

  #one({ refs, values, stale, histograms }: SampleRow, i: number): void {
    const value = stale?.includes(i) === true ? 'stale' : String(histograms?.get(i)?.count ?? values[i]);
    const name = String(this.labels[refs[i]!]);
    if (!name.includes('scrape_') && !name.startsWith('up{')) this.last.set(name, value);
  }
}

const { config } = parsePrometheusConfig(
  'scrape_configs: [{job_name: j, metric_relabel_configs: [{source_labels: [a], regex: "3", action: drop}]}]',
  'p.yml',
);
const scrapeConfig = config!.scrapeConfigs[0]!;
const outcome = makeTarget(scrapeConfig, { labels: { __address__: 'h:1' } });
if (!('target' in outcome)) throw new Error('BUG: the target of the fuzz target cannot be scraped');
const { target } = outcome;
const counts = () => ({ scraped: 0, afterRelabelling: 0, added: 0, duplicates: 0 });
const reports = () => ({ up: 1, scrape_duration_seconds: 0 });

/** Rows by plan are those that are made line by line. */
function rows(random: () => number): void {
  const planned = new Replay();
  const anew = new Replay();
  const long = new ScrapeSamples(scrapeConfig, target, planned);
  const short = new ScrapeSamples(scrapeConfig, target, anew);
  for (let scrape = 0; scrape < 6; scrape++) {
    const text = exposition(random, 'text');
    const repeats = 1 + Math.floor(random() * 3);
    for (let repeat = 0; repeat < repeats; repeat++) {
      const bytes = Buffer.from(text);
      planned.apply(long.read(bytes, 'text', scrape * 10 + repeat, counts(), reports));
      // A renumbering of the store makes every scrape a new one.
      anew.refGeneration++;
      anew.apply(short.read(bytes, 'text', scrape * 10 + repeat, counts(), reports));
    }
    if (random() < 0.2) {
      planned.apply(long.end(scrape * 10 + 9, { up: 0 }));
      anew.apply(short.end(scrape * 10 + 9, { up: 0 }));
    }
    const [a, b] = [planned, anew].map(({ last }) => JSON.stringify([...last].sort()));
    if (a !== b) throw new Error(`after ${text}\nthe rows say ${a}\nand line by line ${b}`);
  }
}

const protobufReader = new ProtobufReader({ nativeHistograms: true, alwaysClassic: true, startTimestamps: true });
const write = new RemoteWrite(store, { startTimestamps: true });

async function intakes(random: () => number): Promise<void> {
  const families = mutate(random, FAMILIES);
  refuses(() => protobufReader.read(families, families.length), ExpositionError);
  const body = mutate(random, compress(Buffer.from(mutate(random, WRITE2))));
  await write.receive('application/x-protobuf;proto=io.prometheus.write.v2.Request', 'snappy', body);
  const bytes = Buffer.from(mutate(random, OTLP));
  const otlp = new OtlpIntake(store, () => ({
    ...OTLP_DEFAULT,
    translationStrategy: pick(random, TRANSLATION_STRATEGIES),
    convertHistogramsToNhcb: random() < 0.5,
    promoteAllResourceAttributes: random() < 0.5,
  }));
  try {
    await otlp.consumeMetrics(decodeMetrics(bytes));
  } catch (error) {
    if (!(error instanceof PermanentError) && (error as Error).name !== 'DecodeError') throw error;
  }
  const contentEncoding = pick(random, [undefined, 'gzip', 'zstd', 'snappy', 'deflate']);
  await answerOtlpHttp(
    { signal: 'metrics', contentType: 'application/x-protobuf', contentEncoding, body: bytes },
    (batch) => otlp.consumeMetrics(batch),
  );
}

function responses(random: () => number): void {
  const bytes = mutate(random, pick(random, RESPONSES));
  const reader = new ResponseReader(new BodyBuffers().take(100));
  refuses(
    () => {
      for (let at = 0; at < bytes.length; at += 7) reader.push(bytes.subarray(at), Math.min(7, bytes.length - at));
      reader.end();
    },
    ResponseError,
    BodyTooLargeError,
  );
}

await timeBox('scraping', async (random) => {
  prediction(random);
  rows(random);
  responses(random);
  await intakes(random);
});
