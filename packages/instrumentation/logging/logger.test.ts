import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { logs } from '@opentelemetry/api-logs';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { createLogger } from './logger.ts';

let exporter: InMemoryLogRecordExporter;
let lines: Record<string, unknown>[];
const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };

beforeEach(() => {
  lines = [];
  exporter = new InMemoryLogRecordExporter();
  logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }));
});

afterEach(() => logs.disable());

test('each level has its severity on both ways', () => {
  const logger = createLogger({ name: 'shop', level: 'trace', destination });
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) logger[level](level);
  const records = exporter.getFinishedLogRecords();
  assert.deepEqual(
    records.map((record) => [record.severityNumber, record.severityText, record.body]),
    [
      [1, 'TRACE', 'trace'],
      [5, 'DEBUG', 'debug'],
      [9, 'INFO', 'info'],
      [13, 'WARN', 'warn'],
      [17, 'ERROR', 'error'],
      [21, 'FATAL', 'fatal'],
    ],
  );
  assert.deepEqual(
    lines.map(({ level, name }) => `${String(name)} ${String(level)}`),
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => `shop ${level}`),
  );
  assert.equal(records[0]?.instrumentationScope.name, 'shop');
});

test('lines carry the time to the millisecond', () => {
  const beforeMs = Date.now();
  createLogger({ name: 'shop', destination }).info('now');
  const time = String(lines[0]?.time);
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Date.parse(time) >= beforeMs && Date.parse(time) <= Date.now());
});

test('a line below the level leaves neither way', () => {
  createLogger({ name: 'shop', level: 'warn', destination }).info('quiet');
  assert.equal(lines.length + exporter.getFinishedLogRecords().length, 0);
});

test('what child loggers were given is on their records', () => {
  const child = createLogger({ name: 'shop', destination }).child({ reqId: 'r-1', customer: { phone: '555' } });
  child.info({ orderId: 7 }, 'placed %s', 'now');
  child.info('again');
  const [first, second] = exporter.getFinishedLogRecords();
  assert.equal(first?.body, 'placed now');
  assert.deepEqual(first?.attributes, { reqId: 'r-1', 'customer.phone': '[redacted]', orderId: 7 });
  assert.equal(second?.attributes.reqId, 'r-1');
  assert.equal(lines[0]?.reqId, 'r-1');
  assert.ok(!JSON.stringify(lines).includes('555'));
});

test('serializers shape fields on both ways, errors keep their class', () => {
  const logger = createLogger({
    name: 'shop',
    destination,
    serializers: { req: (req: { url: string }) => ({ url: req.url }) },
  });
  logger.error({ req: { url: '/x', socket: {} }, err: new RangeError('too hot') });
  const [record] = exporter.getFinishedLogRecords();
  assert.equal(record?.attributes['req.url'], '/x');
  assert.equal(record?.attributes['exception.type'], 'RangeError');
  assert.equal(record?.body, 'too hot');
  assert.deepEqual(lines[0]?.req, { url: '/x' });
});
