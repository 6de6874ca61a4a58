/** Fuzz target: what the metrics service takes in. Any bytes are taken or refused with their own error, columns come back. */

import { compress } from 'snappyjs';
import { parsePrometheusConfig } from '../packages/metrics/config/prometheus-config.ts';
import { ExpositionError } from '../packages/metrics/exposition/exposition-error.ts';
import { ScrapeReader } from '../packages/metrics/exposition/scrape-reader.ts';
import { parseOpenMetricsStrict } from '../packages/metrics/exposition/strict/parse.ts';
import { OpenMetricsError } from '../packages/metrics/exposition/strict/strict-error.ts';
import { Labels } from '../packages/metrics/model/labels.ts';
import { RemoteWrite } from '../packages/metrics/remote/remote-write.ts';
import { WireError } from '../packages/metrics/remote/wire-reader.ts';
import { readWriteRequest, readWriteRequest2 } from '../packages/metrics/remote/write-request.ts';
import { expandRuleTemplate, parseRuleTemplate, TemplateError } from '../packages/metrics/rules/template.ts';
import { ByteWriter } from '../packages/metrics/store/column/byte-writer.ts';
import { Cell } from '../packages/metrics/store/column/column-format.ts';
import { ColumnReader } from '../packages/metrics/store/column/decode-column.ts';
import { encodeColumn } from '../packages/metrics/store/column/encode-column.ts';
import { mutate, pick, timeBox } from './time-box.ts';

const TEXT = Buffer.from(
  '# HELP a help \\n\n# TYPE a histogram\na_bucket{le="1",x="\\"y\\n"} 1 1700000000000\na_sum 1.5e3\n{"ü.b",c="d"} NaN\nb 0x1\n',
);
const OPEN = Buffer.from(
  '# TYPE a counter\n# UNIT a_s s\na_total{x="y"} 1 1.5 # {trace_id="abc"} 0.5 1.25\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\n# EOF\n',
);
// A WriteRequest with one series, and a 2.0 Request with symbols.
const WRITE = Buffer.from('0a1d0a0d0a085f5f6e616d655f5f120161120c09000000000000f83f10e807', 'hex');
const WRITE2 = Buffer.from(
  '2200220 85f5f6e616d655f5f2201612a0f0a0201021209090000000000000040'.replaceAll(' ', ''),
  'hex',
);
const YAML = Buffer.from(
  'global: {scrape_interval: 15s}\nscrape_configs:\n- job_name: a\n  relabel_configs: [{source_labels: [x], regex: "(.*)", target_label: y}]\n  static_configs: [{targets: ["b:1"]}]\n',
);
const WORDS = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  '{{ $value }}',
  '{{ if $value }}',
  '{{ else }}',
  '{{ end }}',
  '{{ range query "up" }}',
  '{{ with . }}',
  '| humanize',
  'printf "%5.2f %d %q"',
  '$labels.a',
  '$x := 1',
  '$x',
  '(',
  ')',
  '"s"',
  '1',
  '-2.5',
  'first',
  'reReplaceAll "(a)" "$1"',
  'and',
  'nil',
  '/* c */',
  '`r`',
  'define "t"',
  'template "t"',
  'len',
  '\n',
];

const readers = [new ScrapeReader('text'), new ScrapeReader('openmetrics', { startTimestamps: true })];
const store = {
  ref: () => 1,
  refGeneration: 0,
  append: async () => ({ appended: 0, outOfOrder: 0, duplicate: 0, outOfBounds: 0 }),
};
const write = new RemoteWrite(store);

/** Runs `run`; errors of the expected kinds are how bad input is refused. */
function refuses(run: () => unknown, ...kinds: readonly (new (...args: never[]) => Error)[]): void {
  try {
    run();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
  }
}

function columns(random: () => number): void {
  const rows = 1 + Math.floor(random() * 200);
  const scale = 10 ** Math.floor(random() * 18);
  const make = pick(random, [
    () => Math.floor(random() * scale),
    () => Math.round(random() * scale) / pick(random, [1, 10, 1000, 1e9]),
    () => (random() - 0.5) * 2 ** Math.floor(random() * 2000 - 1000),
    () => pick(random, [0, -0, 1, Number.NaN, Infinity, -Infinity, 5e-324, 2 ** 53, -(2 ** 53)]),
  ]);
  const values = Float64Array.from({ length: rows }, make);
  const states = Uint8Array.from({ length: rows }, () =>
    random() < 0.1 ? Cell.absent : random() < 0.05 ? Cell.stale : Cell.float,
  );
  const out = new ByteWriter(16);
  const size = encodeColumn(out, rows, values, states, 0, 1);
  const column = new ColumnReader();
  const back = new Float64Array(rows * 2);
  column.read(out.bytes, new DataView(out.bytes.buffer), 0, size, rows, 0, rows, back, 0);
  for (let i = 0; i < column.count; i++) {
    const row = column.rows?.[i] ?? column.first + i;
    if (states[row] === Cell.float && !Object.is(back[column.first + i], values[row]))
      throw new Error(`row ${row}: ${values[row]} came back as ${back[column.first + i]}`);
  }
}

async function once(random: () => number): Promise<void> {
  const text = mutate(random, pick(random, [TEXT, OPEN]));
  refuses(() => pick(random, readers).read(text, text.length), ExpositionError);
  refuses(() => parseOpenMetricsStrict(Buffer.from(text).toString('utf8')), OpenMetricsError);
  const message = mutate(random, pick(random, [WRITE, WRITE2]));
  refuses(() => readWriteRequest(message), WireError);
  refuses(() => readWriteRequest2(message), WireError);
  await write.receive('application/x-protobuf', 'snappy', mutate(random, compress(WRITE)));
  parsePrometheusConfig(Buffer.from(mutate(random, YAML)).toString('utf8'), 'p.yml');
  columns(random);
  const source = Array.from({ length: Math.floor(random() * 10) }, () => pick(random, WORDS)).join(' ');
  try {
    const template = parseRuleTemplate('t', source);
    const data = { labels: Labels.from({ a: 'b' }), externalLabels: Labels.EMPTY, externalUrl: 'http://p', value: 1.5 };
    await expandRuleTemplate(template, data, {
      query: async () => [{ labels: new Map([['a', 'b']]), value: 1 }],
      externalUrl: 'http://p',
      nowMs: 0,
    });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
  }
}

await timeBox('metrics', once);
