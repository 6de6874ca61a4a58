import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createListener, listen } from '@mario/service';
import { CONFIGURATION_UNSUCCESSFUL, Notifications, SHUTTING_DOWN, SUBSCRIBERS_MAX } from './notifications.ts';
import { addNotificationsRoutes } from './notifications-routes.ts';
import type { ApiSources } from './sources.ts';

async function start(t: TestContext) {
  const notifications = new Notifications(() => Date.UTC(2026, 0, 1));
  const app = await createListener();
  t.after(() => app.close());
  addNotificationsRoutes(app, { notifications } as Partial<ApiSources> as ApiSources);
  return { app, notifications, url: await listen(app, 'test', '127.0.0.1', 0) };
}

const FAILED = { text: CONFIGURATION_UNSUCCESSFUL, date: '2026-01-01T00:00:00Z' };

test('what is so stands in the list, until it is not', async (t) => {
  const { notifications, url } = await start(t);
  const list = async () => ((await (await fetch(`${url}/api/v1/notifications`)).json()) as { data: unknown }).data;
  assert.deepEqual(await list(), []);
  notifications.add(CONFIGURATION_UNSUCCESSFUL);
  notifications.add(CONFIGURATION_UNSUCCESSFUL);
  assert.deepEqual(await list(), [{ ...FAILED, active: true }]);
  notifications.remove(CONFIGURATION_UNSUCCESSFUL);
  assert.deepEqual(await list(), []);
});

test('who listens gets what is so, every change, and the end of the server', async (t) => {
  const { app, notifications, url } = await start(t);
  notifications.add(CONFIGURATION_UNSUCCESSFUL);
  const response = await fetch(`${url}/api/v1/notifications/live`);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const text = response.text();
  notifications.remove(CONFIGURATION_UNSUCCESSFUL);
  await app.close();
  const events = (await text).split('\n\n').filter((event) => event !== '');
  assert.deepEqual(
    events.map((event) => JSON.parse(event.replace(/^data: /, ''))),
    [
      { ...FAILED, active: true },
      { ...FAILED, active: false },
      { ...FAILED, text: SHUTTING_DOWN, active: true },
    ],
  );
});

test('too many listeners are told that there is nothing for them; one that leaves makes room', async (t) => {
  const { notifications, url } = await start(t);
  const ends = Array.from({ length: SUBSCRIBERS_MAX }, () => notifications.subscribe(() => {}));
  assert.equal((await fetch(`${url}/api/v1/notifications/live`)).status, 204);
  ends[0]?.();
  const response = await fetch(`${url}/api/v1/notifications/live`);
  assert.equal(response.status, 200);
  await response.body?.cancel();
});
