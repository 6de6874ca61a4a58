/** `/notifications` and `/notifications/live`: what the server has to say, now and as it changes. */
import type { FastifyInstance } from 'fastify';
import { sendData } from './envelope.ts';
import { goJson, goTime } from './go-json.ts';
import { type Notification, Notifications, SHUTTING_DOWN } from './notifications.ts';
import type { ApiSources } from './sources.ts';

export function addNotificationsRoutes(app: FastifyInstance, sources: ApiSources): void {
  const notifications = sources.notifications ?? new Notifications(sources.nowMs);
  const streams = new Set<{ end(): void }>();

  app.get('/api/v1/notifications', async (_request, reply) => sendData(reply, notifications.active.map(shown)));

  // Server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html).
  app.get('/api/v1/notifications/live', (request, reply) => {
    const stream = reply.raw;
    const early: string[] = [];
    let write = (text: string): unknown => early.push(text);
    const end = notifications.subscribe((notification) => write(`data: ${goJson(shown(notification))}\n\n`));
    if (end === undefined) {
      reply.code(204).send();
      return;
    }
    reply.hijack();
    stream.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      connection: 'keep-alive',
    });
    stream.flushHeaders();
    write = (text) => stream.write(text);
    for (const text of early) write(text);
    streams.add(stream);
    request.raw.once('close', () => {
      end();
      streams.delete(stream);
    });
  });

  // A connection that stays would hold up the end of the server.
  app.addHook('preClose', async () => {
    notifications.add(SHUTTING_DOWN);
    for (const stream of streams) stream.end();
  });
}

function shown({ text, dateMs, active }: Notification) {
  return { text, date: goTime(dateMs), active };
}
