// Benchmark of range queries over 10,000 counters, six hours at 15 s, 241 steps: the engine alone, over memory.
// The data is made no easier than life: every target has its own phase and jitter, counters reset, some targets miss
// scrapes (marked stale and gone for a while), and values have many digits.
import { Labels } from '../../packages/metrics/model/labels.ts';
import { createEngine } from '../../packages/metrics/promql/index.ts';
import { MemoryStore } from '../../packages/metrics/promql/script/memory-store.ts';

const SERIES_PER_TARGET = 100;
const TARGETS = 100;
const SCRAPE_MS = 15_000;
const DURATION_MS = 6 * 3600_000;
const START_MS = 1_700_000_000_000;
const RUNS = 7;

/** A small deterministic generator, so that every run measures the same data. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function fill(store: MemoryStore): void {
  const random = randomFrom(42);
  for (let target = 0; target < TARGETS; target++) {
    const phase = random() * SCRAPE_MS;
    const times: number[] = [];
    const stale: number[] = [];
    for (let t = START_MS + phase; t < START_MS + DURATION_MS; t += SCRAPE_MS) {
      const gap = random() < 0.001;
      times.push(Math.round(t + (random() - 0.5) * 40));
      if (gap) {
        stale.push(times.length - 1);
        t += SCRAPE_MS * 20;
      }
    }
    const timestamps = Float64Array.from(times);
    const restart = random() < 0.3 ? Math.floor(random() * times.length) : -1;
    for (let s = 0; s < SERIES_PER_TARGET; s++) {
      const values = new Float64Array(times.length);
      let value = random() * 1e6;
      const slope = random() * 100;
      for (let i = 0; i < times.length; i++) {
        value = i === restart || random() < 0.0003 ? 0 : value + slope * random();
        values[i] = value;
      }
      const labels = Labels.from({
        __name__: 'http_requests_total',
        instance: `10.0.${target >> 5}.${target & 31}:8080`,
        job: `job-${target % 10}`,
        handler: `/api/v1/resource/${s}`,
        code: s % 10 === 0 ? '500' : '200',
      });
      const staleAt = stale.length > 0 ? Int32Array.from(stale) : null;
      store.addColumns(labels, {
        timestamps,
        values,
        from: 0,
        to: times.length,
        stale: staleAt,
        histograms: null,
        startTimestamps: null,
      });
    }
  }
}

async function main(): Promise<void> {
  const store = new MemoryStore();
  fill(store);
  const engine = createEngine();
  const end = START_MS + DURATION_MS;
  const queries = process.argv[2] === undefined ? QUERIES : [process.argv[2]];
  for (const query of queries) {
    const times: number[] = [];
    const cpu: number[] = [];
    let series = 0;
    for (let run = 0; run < RUNS; run++) {
      const used = process.cpuUsage();
      const begin = performance.now();
      const result = await engine.range(store, query, START_MS, end, DURATION_MS / 240);
      times.push(performance.now() - begin);
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / 1000);
      series = result.data.type === 'matrix' ? result.data.series.length : 0;
    }
    times.sort((a, b) => a - b);
    cpu.sort((a, b) => a - b);
    const median = times[RUNS >> 1]!.toFixed(0).padStart(6);
    console.log(
      `${median} ms  (cpu ${cpu[RUNS >> 1]!.toFixed(0)}; ${times[0]!.toFixed(0)}–${times[RUNS - 1]!.toFixed(0)})  ${series} series  ${query}`,
    );
  }
}

const QUERIES = [
  'sum by (job) (rate(http_requests_total[5m]))',
  'sum by (job) (rate(http_requests_total{handler="/api/v1/resource/7"}[5m]))',
  'rate(http_requests_total{job="job-1"}[5m])',
  'sum(http_requests_total)',
  'max by (instance) (max_over_time(http_requests_total[5m]))',
  'avg_over_time(http_requests_total[5m]) > 1e9',
  'quantile(0.9, rate(http_requests_total[5m]))',
  'topk(5, rate(http_requests_total[5m]))',
  'rate(http_requests_total[5m]) / on (instance, handler) group_left sum by (instance, handler) (rate(http_requests_total[5m]))',
];

await main();
