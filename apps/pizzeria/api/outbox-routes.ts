// Routes of events that were set aside: what a manager sees of them, and the button that tries again.

import type { FastifyInstance } from 'fastify';
import { ReplayParkedEvent } from '../application/commands/replay-parked-event.ts';
import { MANAGEMENT } from '../application/identity/access.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetParkedEvents } from '../application/queries/get-parked-events.ts';
import { documented } from './openapi.ts';
import * as schemas from './schemas.ts';

const TAGS = ['Events'];

export function outboxRoutes(app: FastifyInstance, { mediator, outbox }: Pizzeria): void {
  app.get(
    '/outbox/parked',
    {
      schema: documented({
        summary: 'Domain events that kept failing and were set aside',
        tags: TAGS,
        response: { 200: schemas.parkedEvents },
      }),
      config: { access: MANAGEMENT },
    },
    async () => {
      const parked = await mediator.send(GetParkedEvents, undefined);
      return parked.map(({ raisedAtMs, ...event }) => ({ ...event, raisedAt: new Date(raisedAtMs).toISOString() }));
    },
  );

  app.post<{ Params: { position: string } }>(
    '/outbox/parked/:position/replay',
    {
      schema: documented({
        summary: 'Offer a parked event to its reactions again',
        tags: TAGS,
        params: {
          type: 'object',
          properties: { position: { type: 'string', pattern: '^[0-9]{1,15}$' } },
        } as { properties: Record<string, object> },
      }),
      config: { access: MANAGEMENT, problems: [400, 409], empty: true },
    },
    async (request, reply) => {
      await mediator.send(ReplayParkedEvent, { position: Number(request.params.position) });
      outbox.wake();
      return reply.code(204).send();
    },
  );
}
