import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnMetrics } from '../metrics/own-metrics.ts';
import { addMetricsRoute, createListener, listen, listenerMetrics } from './listener.ts';

test('a taken port is named together with who holds it', async (t) => {
  const first = await createListener();
  t.after(() => first.close());
  const port = Number(new URL(await listen(first, 'first', '127.0.0.1', 0)).port);
  const second = await createListener();
  await assert.rejects(listen(second, 'second', '127.0.0.1', port), (error: Error & { code: string }) => {
    assert.equal(error.code, 'MARIO_SERVICE_PORT_TAKEN');
    assert.match(error.message, new RegExp(`^cannot start second: port ${port} on 127.0.0.1 is taken by `));
    if (process.platform === 'linux') assert.match(error.message, new RegExp(`process ${process.pid} `));
    return true;
  });
});

test('a client cannot hold a socket with half a head or half a body', async (t) => {
  const app = await createListener();
  t.after(() => app.close());
  for (const limitMs of [app.server.headersTimeout, app.server.requestTimeout]) {
    assert.ok(limitMs > 0 && limitMs <= 60_000, `${limitMs} ms`);
  }
});

test('requests are counted by route, not by path', async (t) => {
  const metrics = new OwnMetrics();
  const requests = metrics.counter('http_requests_total', 'Requests.');
  const labels = (r: { route: string; status: number }) => ({ handler: r.route, code: String(r.status) });
  const app = await createListener({ metrics: listenerMetrics(requests, undefined, labels), compressBytesMin: 64 });
  t.after(() => app.close());
  app.get('/items/:id', async (request) => ({ id: (request.params as { id: string }).id, pad: 'x'.repeat(500) }));
  addMetricsRoute(app, metrics);
  const address = await listen(app, 'test', '127.0.0.1', 0);
  for (const id of ['1', '2']) assert.equal((await fetch(`${address}/items/${id}`)).status, 200);
  assert.equal((await fetch(`${address}/nowhere`)).status, 404);
  assert.equal(requests.get({ handler: '/items/:id', code: '200' }), 2);
  assert.equal(requests.get({ handler: 'unmatched', code: '404' }), 1);
  const text = await (await fetch(`${address}/metrics`)).text();
  assert.match(text, /http_requests_total\{handler="\/items\/:id",code="200"\} 2/);
});
