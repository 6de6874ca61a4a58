/** Traces for tests: orders of a pizzeria, two services, an error now and then. */

import { type SpanBatch, SpanBatchBuilder } from '@mario/otlp';

/** 2026-01-01T00:00:00Z, where the fake clock starts. */
export const EPOCH_NS = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
const MS = 1_000_000n;

export function sampleTraceId(number: number): string {
  return `5b8efff798038103d269b633${number.toString(16).padStart(8, '0')}`;
}

function spanId(trace: number, span: number): string {
  return (trace * 16 + span + 1).toString(16).padStart(16, '0');
}

/**
 * Trace `number` starts at `number` seconds: `POST /api/orders/` (server, root, 100 ms + number) over `PlaceOrderCommand`
 * over two database spans, the second of which fails in every tenth trace; and `charge` in the service `payment`.
 */
export function sampleTrace(number: number, parts: 'all' | 'root' | 'rest' = 'all'): SpanBatch {
  const builder = new SpanBatchBuilder();
  const startNs = EPOCH_NS + BigInt(number) * 1000n * MS;
  const at = (ms: number) => startNs + BigInt(ms) * MS;
  const traceId = sampleTraceId(number);
  const failed = number % 10 === 0;
  builder.resource({ 'service.name': 'mario-pizzeria', 'service.version': '1.0.0' }).scope('http', '1.2.3');
  if (parts !== 'rest') {
    builder.span({
      traceId,
      spanId: spanId(number, 0),
      name: 'POST /api/orders/',
      kind: 'server',
      startNs: at(0),
      endNs: at(100 + number),
      status: failed ? 'error' : 'unset',
      statusMessage: failed ? 'database is locked' : '',
      attributes: {
        'http.route': '/api/orders/',
        'http.response.status_code': failed ? 500 : 201,
        sizes: ['large', 'small'],
      },
    });
  }
  if (parts !== 'root') addInner(builder, number, at, failed);
  return builder.build();
}

function addInner(builder: SpanBatchBuilder, number: number, at: (ms: number) => bigint, failed: boolean): void {
  const traceId = sampleTraceId(number);
  const child = (span: number, parent: number) => ({
    traceId,
    spanId: spanId(number, span),
    parentSpanId: spanId(number, parent),
  });
  builder.span({
    ...child(1, 0),
    name: 'PlaceOrderCommand',
    startNs: at(5),
    endNs: at(90),
    attributes: { 'cqrs.operation': 'command', pizzas: number % 5, vip: number % 2 === 0, price: 12.5 + number },
    links: [{ traceId: sampleTraceId(number + 1000), spanId: spanId(number, 9), attributes: { why: 'retry' } }],
  });
  const db = { 'db.system.name': 'sqlite' };
  builder.span({ ...child(2, 1), name: 'SELECT menu', kind: 'client', startNs: at(6), endNs: at(10), attributes: db });
  builder.span({
    ...child(3, 1),
    name: 'INSERT orders',
    kind: 'client',
    startNs: at(11),
    endNs: at(60),
    status: failed ? 'error' : 'ok',
    attributes: db,
    events: failed
      ? [{ timeNs: at(50), name: 'exception', attributes: { 'exception.message': 'database is locked' } }]
      : [],
  });
  builder.resource({ 'service.name': 'payment' }).scope('pay');
  builder.span({ ...child(4, 1), name: 'charge', kind: 'server', startNs: at(61), endNs: at(80) });
}
