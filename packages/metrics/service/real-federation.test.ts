/** A real Prometheus federates floats and native histograms from ours, in protobuf and in text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { withTemporaryFolder } from '@mario/storage/testing';
import { denseBuckets, EMPTY_HISTOGRAM, type FloatHistogram } from '../model/histogram.ts';
import { Labels } from '../model/labels.ts';
import { RowCollector } from '../remote/row-collector.ts';
import { openMetricsService } from './open-metrics-service.ts';
import { missing, startPrometheus } from './testing/prometheus-process.ts';

const NATIVE: FloatHistogram = {
  ...EMPTY_HISTOGRAM,
  schema: 1,
  count: 12.5,
  sum: 30,
  zeroCount: 1.5,
  zeroThreshold: 0.001,
  positive: denseBuckets(0, [1, 4, 0, 2]),
  negative: denseBuckets(-1, [4]),
};
const CUSTOM: FloatHistogram = {
  ...EMPTY_HISTOGRAM,
  schema: -53,
  count: 5,
  sum: 7,
  customValues: [0.5, 2],
  positive: denseBuckets(0, [1, 2, 2]),
};

const config = (port: number) => `
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: federation
    metrics_path: /federate
    honor_labels: true
    params: {"match[]": ['{job="shop"}']}
    static_configs: [{targets: ["127.0.0.1:${port}"]}]
`;

const QUERIES = [
  ['histogram_count(durations)', ['12.5']],
  ['histogram_sum(durations)', ['30']],
  ['histogram_quantile(1, durations)', ['2.82842712474619']],
  // The counts of classic buckets go as floats, which the old server does not read.
  ['count(sizes_bucket)', ['3']],
  ['sizes_sum{region="eu"}', ['7']],
  ['orders_total', ['42']],
  // The old server knows no other names: for it they are escaped.
  ['http_server_requests{url_path="/"}', ['3']],
  ['up{job="federation"}', ['1']],
] as const;

const open = () =>
  openMetricsService({
    config: { yaml: 'global: {external_labels: {region: eu}}' },
    directory: openMemoryDirectory(),
    clock: systemClock,
    log: silentLog,
    network: new NetworkMap(),
    host: '127.0.0.1',
    port: 0,
    portOffset: 0,
  });

async function valuesOf(url: string, query: string): Promise<string[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result.map(({ value }) => value[1]).sort();
}

test("Debian's Prometheus federates native histograms, classic ones and floats", { skip: missing }, async () => {
  await withTemporaryFolder(async (folder) => {
    const ours = await open();
    const rows = new RowCollector();
    const ref = (name: string, more = {}) => ours.store.ref(Labels.from({ __name__: name, job: 'shop', ...more }));
    const nowMs = Date.now();
    rows.addHistogram('g', nowMs, ref('durations'), NATIVE);
    rows.addHistogram('g', nowMs, ref('sizes'), CUSTOM);
    rows.add('g', nowMs, ref('orders_total'), 42);
    rows.add('g', nowMs, ref('http.server.requests', { 'url.path': '/' }), 3);
    await ours.store.append({ rows: rows.rows() });
    const real = await startPrometheus(folder, config(ours.port), '--enable-feature=native-histograms');
    try {
      for (const [query, wanted] of QUERIES) {
        let found: string[] = [];
        for (let i = 0; i < 100 && found.join() !== wanted.join(); i++) {
          if (i > 0) await new Promise((resolve) => setTimeout(resolve, 100));
          found = await valuesOf(real.url, query);
        }
        assert.deepEqual(found, wanted, query);
      }
    } finally {
      await real.stop();
      await ours.close();
    }
  });
});
