// Routes of a customer with an account: profile, history, notifications.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CreateCustomerProfile } from '../application/commands/create-customer-profile.ts';
import { DismissCustomerNotification } from '../application/commands/dismiss-customer-notification.ts';
import { UpdateCustomerProfile } from '../application/commands/update-customer-profile.ts';
import { SIGNED_IN } from '../application/identity/access.ts';
import type { Principal } from '../application/identity/principal.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetCustomerNotifications } from '../application/queries/get-customer-notifications.ts';
import { GetCustomerOrders } from '../application/queries/get-customer-orders.ts';
import { GetCustomerProfile } from '../application/queries/get-customer-profile.ts';
import type { ContactDetails } from '../domain/customer.ts';
import { type CustomerProfile, contactOf } from '../domain/profile.ts';
import { expectedVersion, sendTagged, versionTag } from './conditional.ts';
import { documented } from './openapi.ts';
import { type PageQuery, pageOf, sendPage } from './order-page.ts';
import { notificationView } from './order-view.ts';
import * as schemas from './schemas.ts';
import { profile as profileSchema } from './schemas-accounts.ts';

const TAGS = ['Customers'];

export function customerRoutes(app: FastifyInstance, pizzeria: Pizzeria): void {
  profileRoutes(app, pizzeria);
  historyRoutes(app, pizzeria);
}

function profileRoutes(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.get(
    '/customers/me',
    {
      schema: documented({ summary: 'Your profile', tags: TAGS, response: { 200: profileSchema } }),
      config: { access: SIGNED_IN, problems: [422], cached: true },
    },
    async (request, reply) => {
      const profile = await mediator.send(GetCustomerProfile, principalOf(request));
      return sendTagged(request, reply, versionTag(profile), profileView(profile));
    },
  );

  app.post<{ Body: ContactDetails }>(
    '/customers/',
    {
      schema: documented({
        summary: 'Create a profile for an account that has none',
        tags: TAGS,
        body: schemas.contact,
        response: { 201: profileSchema },
      }),
      config: { access: SIGNED_IN, problems: [400, 409, 413, 415, 422] },
    },
    async (request, reply) => {
      const { accountId } = principalOf(request);
      const profile = await mediator.send(CreateCustomerProfile, { accountId, contact: contactIn(request.body) });
      return sendProfile(reply.code(201).header('Location', '/api/customers/me'), profile);
    },
  );

  app.put<{ Body: ContactDetails }>(
    '/customers/me',
    {
      schema: documented({
        summary: 'Change your profile',
        description: 'Orders that were placed keep what they had.',
        tags: TAGS,
        body: schemas.contact,
        response: { 200: profileSchema },
      }),
      config: { access: SIGNED_IN, problems: [400, 409, 412, 413, 415, 422], conditional: true },
    },
    async (request, reply) => {
      const { accountId } = principalOf(request);
      const input = { accountId, contact: contactIn(request.body), expectedVersion: expectedVersion(request) };
      return sendProfile(reply, await mediator.send(UpdateCustomerProfile, input));
    },
  );
}

function historyRoutes(app: FastifyInstance, { mediator }: Pizzeria): void {
  app.get<{ Querystring: PageQuery }>(
    '/customers/me/orders',
    {
      schema: documented({
        summary: 'Your orders, newest first',
        description: 'Those that were placed while you were logged in. The Link header leads to the next page.',
        tags: TAGS,
        querystring: { type: 'object', properties: schemas.pageQuery },
        response: { 200: schemas.orders },
      }),
      config: { access: SIGNED_IN, problems: [400] },
    },
    async (request, reply) => {
      const page = pageOf(request.query);
      const { profileId } = principalOf(request);
      const orders = profileId === null ? [] : await mediator.send(GetCustomerOrders, { profileId, ...page });
      return sendPage(request, reply, orders, page.limit);
    },
  );

  app.get(
    '/customers/me/notifications',
    {
      schema: documented({
        summary: 'What you were told and have not put away, newest first',
        tags: TAGS,
        response: { 200: schemas.notifications },
      }),
      config: { access: SIGNED_IN },
    },
    async (request) => {
      const { profileId } = principalOf(request);
      if (profileId === null) return [];
      return (await mediator.send(GetCustomerNotifications, { profileId })).map(notificationView);
    },
  );

  app.put<{ Params: { id: string } }>(
    '/notifications/:id/dismiss',
    {
      schema: documented({
        summary: 'Put a notification away',
        description: "A guest's is known only to whoever has the order's link; a customer's needs the account.",
        tags: TAGS,
        params: schemas.orderPath,
      }),
      config: { problems: [404], empty: true },
    },
    async (request, reply) => {
      const profileId = request.principal?.profileId ?? null;
      await mediator.send(DismissCustomerNotification, { notificationId: request.params.id, profileId });
      return reply.code(204).send();
    },
  );
}

/** The route's access has made sure that there is one. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new Error('BUG: a route for accounts was reached without one');
  return request.principal;
}

function sendProfile(reply: FastifyReply, profile: CustomerProfile): FastifyReply {
  return reply.header('ETag', versionTag(profile)).send(profileView(profile));
}

function profileView(profile: CustomerProfile) {
  return { ...contactOf(profile), version: profile.version };
}

/** Nothing but what the schema names goes on. */
export function contactIn({ name, phone, address, email }: ContactDetails): ContactDetails {
  return { name, phone, address, ...(email !== undefined && { email }) };
}
