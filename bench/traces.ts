/** Benchmark of the traces store: ingest, sealing, trace by id, search, and how long intake waits while a search runs. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SpanBatch, SpanBatchBuilder } from '../packages/otlp/index.ts';
import { silentLog, systemClock } from '../packages/service/index.ts';
import { openDiskDirectory } from '../packages/storage/index.ts';
import { search } from '../packages/traces/api/search.ts';
import { parseTraceId } from '../packages/traces/store/trace-id.ts';
import { openTraceStore } from '../packages/traces/store/trace-store.ts';
import { parseQuery } from '../packages/traces/traceql/index.ts';

const BATCHES = 400;
const TRACES_PER_BATCH = 100;
const SPANS_PER_TRACE = 8;

function traceId(number: number): string {
  return (
    Math.imul(number, 0x9e3779b1).toString(16).replace('-', 'f').padStart(8, '0').padEnd(24, 'a') +
    number.toString(16).padStart(8, '0')
  );
}

function batchOf(batch: number): SpanBatch {
  const builder = new SpanBatchBuilder();
  const baseNs = BigInt(Date.now()) * 1_000_000n;
  builder.resource({ 'service.name': `service-${batch % 10}`, 'host.name': `host-${batch % 3}` }).scope('http', '1.0');
  for (let trace = 0; trace < TRACES_PER_BATCH; trace++) {
    const number = batch * TRACES_PER_BATCH + trace;
    for (let span = 0; span < SPANS_PER_TRACE; span++) {
      const startNs = baseNs + BigInt(span * 1_000_000);
      builder.span({
        traceId: traceId(number),
        spanId: (number * 16 + span + 1).toString(16).padStart(16, '0'),
        ...(span === 0 ? {} : { parentSpanId: (number * 16 + 1).toString(16).padStart(16, '0') }),
        name: `operation-${span}`,
        kind: span === 0 ? 'server' : 'client',
        startNs,
        endNs: startNs + BigInt(1_000_000 + ((number * 7919) % 100) * 1_000_000),
        status: number % 500 === 0 ? 'error' : 'unset',
        attributes: {
          'http.request.method': span % 2 === 0 ? 'GET' : 'POST',
          'http.route': `/api/things/${span}`,
          'http.response.status_code': number % 500 === 0 ? 500 : 200,
          'user.id': `user-${number % 5000}`,
          'db.statement': `SELECT * FROM things WHERE id = ${number}`,
        },
      });
    }
  }
  return builder.build();
}

const path = await mkdtemp(join(tmpdir(), 'mario-bench-'));
const store = await openTraceStore({
  directory: await openDiskDirectory(path),
  clock: systemClock,
  log: silentLog,
  retention: { ageMsMax: 0, sizeBytesMax: 0 },
  memoryBytesMax: 512 * 1024 * 1024,
});
const batches = Array.from({ length: BATCHES }, (_, batch) => batchOf(batch));
const spans = BATCHES * TRACES_PER_BATCH * SPANS_PER_TRACE;

async function timed<T>(name: string, work: () => Promise<T>, per?: (ms: number, result: T) => string): Promise<T> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const result = await work();
  const ms = performance.now() - startedMs;
  const used = process.cpuUsage(cpu);
  const cpuMs = (used.user + used.system) / 1000;
  console.log(
    `${name}: ${ms.toFixed(1)} ms, CPU ${cpuMs.toFixed(1)} ms${per === undefined ? '' : `, ${per(cpuMs, result)}`}`,
  );
  return result;
}

await timed(
  `ingest of ${spans} spans, each batch of 800 durable before the next`,
  async () => {
    for (const batch of batches) await store.consumeTraces(batch);
  },
  (cpuMs) => `${Math.round(spans / cpuMs)} spans per CPU ms`,
);
await timed('seal the rest', () => store.flush());
console.log(`${store.segmentCount} segments, ${(store.sizeBytes / spans).toFixed(1)} bytes a span on disk`);
await timed('trace by id, 1,000 of them', async () => {
  for (let number = 0; number < 40_000; number += 40) {
    const trace = await store.traceById(parseTraceId(traceId(number))!);
    if (trace?.count !== SPANS_PER_TRACE) throw new Error(`trace ${number} has ${trace?.count} spans`);
  }
});

const options = {
  range: { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER },
  limit: 20,
  spansPerSpansetMax: 3,
  signal: new AbortController().signal,
};
for (const q of [
  '{ status = error }',
  '{ span.user.id = "user-4711" }',
  '{ .db.statement =~ ".*id = 3999.*" }',
  '{ kind = server } >> { duration > 90ms }',
  '{ resource.service.name = "nobody" }',
]) {
  for (const run of ['cold', 'warm']) {
    await timed(
      `search ${q} (${run})`,
      () => search(store, parseQuery(q), options),
      (_, { traces }) => `${traces.length} traces`,
    );
  }
}

let waitedMsMax = 0;
let searching = true;
const intake = (async () => {
  for (let batch = 0; searching; batch++) {
    const startedMs = performance.now();
    await store.consumeTraces(batches[batch % BATCHES]!);
    waitedMsMax = Math.max(waitedMsMax, performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
})();
await timed('search over everything beside intake', () => search(store, parseQuery('{ .nothing = 1 }'), options));
searching = false;
await intake;
console.log(`longest wait of intake meanwhile: ${waitedMsMax.toFixed(1)} ms`);
await store.close();
await rm(path, { recursive: true });
