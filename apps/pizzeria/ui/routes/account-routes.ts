// Logging in, and what an account has: a profile, orders, notifications. The forms work without scripts.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CreateCustomerProfile } from '../../application/commands/create-customer-profile.ts';
import { DismissCustomerNotification } from '../../application/commands/dismiss-customer-notification.ts';
import { UpdateCustomerProfile } from '../../application/commands/update-customer-profile.ts';
import { SIGNED_IN } from '../../application/identity/access.ts';
import type { Principal } from '../../application/identity/principal.ts';
import { cursorAfter, parseCursor } from '../../application/order-cursor.ts';
import type { Pizzeria } from '../../application/pizzeria.ts';
import { GetCustomerNotifications } from '../../application/queries/get-customer-notifications.ts';
import { GetCustomerOrders } from '../../application/queries/get-customer-orders.ts';
import { GetCustomerProfile } from '../../application/queries/get-customer-profile.ts';
import type { ContactDetails } from '../../domain/customer.ts';
import { type Form, readForm, wholeNumberOf } from '../form.ts';
import type { Page } from '../layout.ts';
import type { PageSender } from '../page-sender.ts';
import { accountPage } from '../pages/account-page.ts';
import { loginPage } from '../pages/login-page.ts';
import { registerPage } from '../pages/register-page.ts';

interface AccountParts {
  readonly pizzeria: Pizzeria;
  readonly pages: PageSender;
}

/** Orders on a page: as many as one looks through without scrolling for long. */
const PAGE_ORDERS = 15;

type LoginRequest = { Querystring: { return?: string; failed?: string } };

export function accountRoutes(app: FastifyInstance, { pizzeria, pages }: AccountParts): void {
  const { mediator, identity } = pizzeria;

  app.get<LoginRequest>('/login', async ({ query }, reply) =>
    pages.page(reply, loginPage({ ...query, policy: identity.policy, provider: identity.oidc?.name })),
  );
  app.get<LoginRequest>('/register', async ({ query }, reply) => pages.page(reply, registerPage(query)));

  const show = async (request: FastifyRequest, contact?: ContactDetails, refusal?: string): Promise<Page> => {
    const principal = signedIn(request);
    const { accountId, profileId } = principal;
    const { done, before: asked } = request.query as { done?: string; before?: string };
    // A cursor that is none shows the first page: somebody has typed at the address.
    const before = asked === undefined ? undefined : parseCursor(asked);
    const [profile, orders, notifications] =
      profileId === null
        ? [undefined, [], []]
        : [
            await mediator.send(GetCustomerProfile, { accountId }),
            // One more than is shown tells whether there is another page.
            await mediator.send(GetCustomerOrders, { profileId, limit: PAGE_ORDERS + 1, before }),
            await mediator.send(GetCustomerNotifications, { profileId }),
          ];
    const history = {
      orders: orders.slice(0, PAGE_ORDERS),
      isLater: before !== undefined,
      older: orders.length > PAGE_ORDERS ? cursorAfter(orders[PAGE_ORDERS - 1]!) : undefined,
    };
    return accountPage({ principal, profile, contact, history, notifications, done, refusal });
  };

  app.get('/account', { config: { access: SIGNED_IN } }, async (request, reply) =>
    pages.page(reply, await show(request)),
  );

  app.post('/account/profile', { config: { access: SIGNED_IN } }, async (request, reply) => {
    const { accountId, profileId } = signedIn(request);
    const form = readForm(request.body);
    const contact = contactOf(form);
    const work = async () => {
      if (profileId === null) await mediator.send(CreateCustomerProfile, { accountId, contact });
      else {
        const expectedVersion = wholeNumberOf(form('version'));
        await mediator.send(UpdateCustomerProfile, { accountId, contact, expectedVersion });
      }
      return '/account?done=saved';
    };
    return pages.form(reply, work, (refusal) => show(request, contact, refusal));
  });

  app.post<{ Params: { id: string } }>(
    '/account/notifications/:id/dismiss',
    { config: { access: SIGNED_IN } },
    async (request, reply) => {
      const { profileId } = signedIn(request);
      const work = async () => {
        await mediator.send(DismissCustomerNotification, { notificationId: request.params.id, profileId });
        return '/account#notifications';
      };
      return pages.form(reply, work, (refusal) => show(request, undefined, refusal));
    },
  );
}

/** The routes let nobody else in. */
function signedIn({ principal }: FastifyRequest): Principal {
  if (principal === undefined) throw new Error('BUG: a guest reached a page of an account');
  return principal;
}

function contactOf(form: Form): ContactDetails {
  const email = form('email');
  return { name: form('name'), phone: form('phone'), address: form('address'), ...(email !== '' && { email }) };
}
