/** The three stores as far as the page asks them, with answers that tests know. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface FakeStores {
  readonly port: number;
  close(): void;
}

/** Text that would run a script if anything put it into the page as HTML. */
export const EVIL = '<img src=x onerror="window.hacked = true">';

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

export async function openFakeStores(): Promise<FakeStores> {
  const silences: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://store');
    if (url.pathname.startsWith('/api/v2/')) return answerAlertmanager(request, url.pathname, response, silences);
    const form = new URLSearchParams(request.method === 'POST' ? await bodyOf(request) : url.search);
    answer(url.pathname, form, response);
  }).listen(0, '127.0.0.1');
  const tails = new Set<Duplex>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    tails.add(socket);
    answerTail(request, socket);
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const tail of tails) tail.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Takes the WebSocket (RFC 6455, section 4.2.2) and sends one line in one frame. */
function answerTail({ headers }: IncomingMessage, socket: Duplex): void {
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const message = JSON.stringify({
    streams: [{ stream: { app: 'pizzeria' }, values: [[`${Date.now()}000000`, `fresh from the oven ${EVIL}`]] }],
  });
  const header = Buffer.from([0x81, 126, message.length >> 8, message.length & 0xff]);
  socket.write(Buffer.concat([header, Buffer.from(message)]));
  socket.on('error', () => socket.destroy());
  socket.on('data', () => socket.end());
}

function answer(path: string, form: URLSearchParams, response: ServerResponse): void {
  const send = (body: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const good = (data: unknown) => send({ status: 'success', data });
  if (form.get('query')?.includes('broken'))
    return void send({ status: 'error', errorType: 'bad_data', error: 'parse error: broken' }, 400);
  if (path.endsWith('/values')) return void good(['alpha', 'beta', EVIL]);
  if (path === '/api/v1/query_range')
    return void good({ resultType: 'matrix', result: form.get('query')?.includes('empty') ? [] : matrix(form) });
  if (path === '/api/v1/query') return void good({ resultType: 'vector', result: vector(form) });
  if (path === '/api/v1/query_exemplars') return void good(exemplars(form));
  if (path === '/api/v1/rules') return void good({ groups: [{ name: 'g', rules: [firing, quiet] }] });
  if (path === '/loki/api/v1/query_range') return void good({ resultType: 'streams', result: streams(form) });
  if (path === '/api/search')
    return void send({
      traces: [
        {
          traceID: TRACE_ID,
          rootServiceName: 'pizzeria',
          rootTraceName: 'POST /api/orders/',
          startTimeUnixNano: `${Date.now()}000000`,
          durationMs: 42,
        },
      ],
    });
  if (path.startsWith('/api/traces/')) return void send(trace);
  send({ error: `no answer for ${path}` }, 404);
}

const SILENCE_ID = '11111111-2222-3333-4444-555555555555';

/** Silences that were made last until they are ended; one message was sent. */
async function answerAlertmanager(
  request: IncomingMessage,
  path: string,
  response: ServerResponse,
  silences: Record<string, unknown>[],
): Promise<void> {
  const send = (body: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  if (path === '/api/v2/notifications') return void send([told]);
  if (request.method === 'POST') {
    silences.push({ ...JSON.parse(await bodyOf(request)), id: SILENCE_ID, status: { state: 'active' } });
    return void send({ silenceID: SILENCE_ID });
  }
  if (request.method === 'DELETE') {
    for (const silence of silences) silence.status = { state: 'expired' };
    return void response.end();
  }
  send(silences);
}

const told = {
  atMs: Date.UTC(2026, 0, 1),
  receiver: 'night-shift',
  status: 'firing',
  groupLabels: {},
  alertNames: ['KitchenOverloaded'],
  firingCount: 2,
  resolvedCount: 0,
  outcome: 'sent',
  error: '',
};

const quiet = {
  type: 'alerting',
  name: 'OvenCold',
  query: 'oven < 200',
  duration: 60,
  state: 'inactive',
  health: 'ok',
  labels: {},
  annotations: {
    summary: 'Oven {{ $labels.oven }} has {{ $value | printf "%.0f" }} degrees',
    runbook_url: 'docs/runbooks/oven-cold.md',
  },
  alerts: [],
};

const firing = {
  type: 'alerting',
  name: 'KitchenOverloaded',
  query: 'x > 1',
  duration: 60,
  state: 'firing',
  health: 'ok',
  labels: { severity: 'page' },
  annotations: { summary: 'The kitchen is full' },
  alerts: [
    {
      labels: { alertname: 'KitchenOverloaded' },
      annotations: { summary: 'The kitchen is full' },
      state: 'firing',
      activeAt: '2026-01-01T00:00:00Z',
      value: '2',
    },
  ],
};

/** Two series with known values: 1536 throughout, and a ramp; labels le for heatmaps. */
function matrix(form: URLSearchParams) {
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name))) as [number, number, number];
  const times = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
  return [
    { metric: { __name__: 'm', job: 'alpha', le: '1' }, values: times.map((time) => [time, '1536']) },
    {
      metric: { __name__: 'm', job: EVIL, le: '+Inf' },
      values: times.map((time, index) => [time, String(2048 + index)]),
    },
  ];
}

function vector(form: URLSearchParams) {
  const time = Number(form.get('time') ?? Date.now() / 1000);
  const query = form.get('query') ?? '';
  if (query.includes('service_graph'))
    return [
      { metric: { client: 'ui', server: 'api' }, value: [time, '2'] },
      { metric: { client: 'api', server: 'db' }, value: [time, '3'] },
    ];
  return [
    { metric: { job: 'alpha' }, value: [time, '1536'] },
    { metric: { job: EVIL }, value: [time, '4096'] },
  ];
}

function exemplars(form: URLSearchParams) {
  const timestamp = (Number(form.get('start')) + Number(form.get('end'))) / 2;
  return [
    { seriesLabels: { __name__: 'm' }, exemplars: [{ labels: { trace_id: TRACE_ID }, value: '1900', timestamp }] },
  ];
}

function streams(form: URLSearchParams) {
  const end = form.get('end') ?? '0';
  return [
    {
      stream: { service_name: 'pizzeria' },
      values: [
        [end, `level=error ${EVIL}`, { structuredMetadata: { trace_id: TRACE_ID } }],
        [end, 'level=info all is well', {}],
      ],
    },
  ];
}

const span = (spanId: string, parentSpanId: string, name: string, startMs: number, endMs: number) => ({
  traceId: TRACE_ID,
  spanId,
  parentSpanId,
  name,
  kind: 2,
  startTimeUnixNano: `${1_760_000_000_000 + startMs}000000`,
  endTimeUnixNano: `${1_760_000_000_000 + endMs}000000`,
  attributes: [],
  status: {},
});

const trace = {
  batches: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'pizzeria' } }] },
      scopeSpans: [
        {
          scope: { name: 's' },
          spans: [
            span('00f067aa0ba902b7', '', 'POST /api/orders/', 0, 42),
            span('00f067aa0ba902b8', '00f067aa0ba902b7', 'PlaceOrderCommand', 3, 40),
          ],
        },
      ],
    },
  ],
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
