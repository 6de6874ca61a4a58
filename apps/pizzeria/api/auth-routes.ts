// Routes of accounts: log in and out, register, one's own password, and the staff.
//
// Each takes JSON and the forms of the pages; a form is answered by leading on to another page.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DemoAccountRefused, LoginRefused, TooManyAttempts } from '../application/failure.ts';
import { MANAGEMENT, SIGNED_IN } from '../application/identity/access.ts';
import type { OpenedSession } from '../application/identity/identity.ts';
import type { Principal } from '../application/identity/principal.ts';
import type { Pizzeria } from '../application/pizzeria.ts';
import { GetStaff } from '../application/queries/get-staff.ts';
import { RuleViolation } from '../domain/business-rule.ts';
import { contactIn, principalOf } from './customer-routes.ts';
import { FORM, isForm, safePath } from './form-body.ts';
import { landingPath } from './landing.ts';
import { documented } from './openapi.ts';
import * as schemas from './schemas-accounts.ts';
import { giveSession, takeSession } from './session-cookie.ts';

const TAGS = ['Accounts'];

export interface AuthOptions {
  readonly pizzeria: Pizzeria;
  /** Customers come by https. */
  readonly isSecure: boolean;
}

export function authRoutes(app: FastifyInstance, options: AuthOptions): void {
  loginRoute(app, options);
  logoutRoute(app, options);
  registerRoute(app, options);
  ownRoutes(app, options);
  staffRoutes(app, options.pizzeria);
}

interface LoginBody {
  login: string;
  password: string;
  return?: string;
}

function loginRoute(app: FastifyInstance, { pizzeria, isSecure }: AuthOptions): void {
  app.post<{ Body: LoginBody }>(
    '/auth/login',
    {
      schema: documented({
        summary: 'Log in with a password',
        description: 'Answers with a session cookie. A form goes on to the path in its field "return".',
        tags: TAGS,
        body: schemas.loginRequest,
        consumes: [FORM],
        response: { 200: schemas.account },
      }),
      config: { problems: [400, 401, 413, 415], redirects: true },
    },
    async (request, reply) => {
      const { login, password, return: path } = request.body;
      try {
        const session = await pizzeria.identity.logIn(login, password, request.ip);
        request.log.info({ accountId: session.principal.accountId }, 'logged in');
        return welcome(request, reply, session, isSecure);
      } catch (error) {
        const failed = failureOf(error);
        if (failed === undefined || !isForm(request)) throw error;
        const target = new URLSearchParams({ return: safePath(path), failed });
        return reply.redirect(`/login?${target.toString()}`, 303);
      }
    },
  );
}

function failureOf(error: unknown): string | undefined {
  if (error instanceof LoginRefused) return 'refused';
  if (error instanceof TooManyAttempts) return 'limited';
  return error instanceof DemoAccountRefused ? 'demo' : undefined;
}

function logoutRoute(app: FastifyInstance, { pizzeria, isSecure }: AuthOptions): void {
  app.post(
    '/auth/logout',
    {
      schema: documented({ summary: 'Log out', tags: TAGS }),
      config: { empty: true, redirects: true },
    },
    async (request, reply) => {
      if (request.principal !== undefined) await pizzeria.identity.logOut(request.principal.family);
      takeSession(reply, isSecure);
      return isForm(request) ? reply.redirect('/', 303) : reply.code(204).send();
    },
  );
}

interface RegisterBody extends LoginBody {
  name: string;
  phone: string;
  address: string;
  email?: string;
}

function registerRoute(app: FastifyInstance, { pizzeria, isSecure }: AuthOptions): void {
  app.post<{ Body: RegisterBody }>(
    '/auth/register',
    {
      schema: documented({
        summary: 'Register as a customer',
        description: 'Makes an account with a profile, and logs in.',
        tags: TAGS,
        body: schemas.registration,
        consumes: [FORM],
        response: { 201: schemas.account },
      }),
      config: { problems: [400, 409, 413, 415, 422], redirects: true },
    },
    async (request, reply) => {
      const { login, password, email, return: path, ...contact } = request.body;
      try {
        const session = await pizzeria.identity.register({
          login,
          password,
          // An empty field of a form is no address.
          contact: contactIn({ ...contact, ...(email !== undefined && email !== '' && { email }) }),
        });
        request.log.info({ accountId: session.principal.accountId }, 'customer registered');
        return welcome(request, reply.code(201), session, isSecure);
      } catch (error) {
        if (!(error instanceof RuleViolation) || !isForm(request)) throw error;
        const target = new URLSearchParams({ return: safePath(path), failed: error.rule });
        return reply.redirect(`/register?${target.toString()}`, 303);
      }
    },
  );
}

function ownRoutes(app: FastifyInstance, { pizzeria }: AuthOptions): void {
  app.get(
    '/auth/me',
    {
      schema: documented({ summary: 'Your account', tags: TAGS, response: { 200: schemas.account } }),
      config: { access: SIGNED_IN },
    },
    async (request, reply) => reply.header('Cache-Control', 'no-store').send(accountView(principalOf(request))),
  );

  app.put<{ Body: { currentPassword: string; newPassword: string } }>(
    '/auth/password',
    {
      schema: documented({
        summary: 'Change your password',
        description: 'Ends every other login of the account.',
        tags: TAGS,
        body: schemas.passwordChange,
      }),
      config: { access: SIGNED_IN, problems: [400, 409, 413, 415, 422], empty: true },
    },
    async (request, reply) => {
      const { currentPassword, newPassword } = request.body;
      await pizzeria.identity.changePassword(principalOf(request), currentPassword, newPassword, request.ip);
      return reply.code(204).send();
    },
  );
}

interface StaffBody {
  login: string;
  name: string;
  password: string;
  roles: string[];
  kind?: 'person' | 'service';
}

function staffRoutes(app: FastifyInstance, { identity, mediator }: Pizzeria): void {
  app.get(
    '/accounts/',
    {
      schema: documented({ summary: 'Who works here', tags: TAGS, response: { 200: schemas.staff } }),
      config: { access: MANAGEMENT },
    },
    async () => {
      const staff = await mediator.send(GetStaff, undefined);
      return staff.map(({ id, login, name, roles, kind, isDemo, createdAtMs }) => ({
        ...{ id, login, name, roles, kind, isDemo },
        createdAt: new Date(createdAtMs).toISOString(),
      }));
    },
  );

  app.post<{ Body: StaffBody }>(
    '/accounts/',
    {
      schema: documented({
        summary: 'Give somebody who works here an account',
        tags: TAGS,
        body: schemas.newStaff,
        response: { 201: schemas.account },
      }),
      config: { access: MANAGEMENT, problems: [400, 409, 413, 415, 422] },
    },
    async (request, reply) => {
      const { login, name, password, roles, kind = 'person' } = request.body;
      const { account } = await identity.hire({ login, name, password, roles, kind });
      request.log.info({ accountId: account.id, roles: account.roles }, 'account created');
      return reply.code(201).send(accountView(account));
    },
  );
}

function welcome(
  request: FastifyRequest<{ Body: { return?: string } }>,
  reply: FastifyReply,
  { principal, secret }: OpenedSession,
  isSecure: boolean,
): FastifyReply {
  giveSession(reply, secret, isSecure).header('Cache-Control', 'no-store');
  return isForm(request)
    ? reply.redirect(landingPath(request.body.return, principal.roles), 303)
    : reply.send(accountView(principal));
}

function accountView({ login, name, roles, isDemo }: Pick<Principal, 'login' | 'name' | 'roles' | 'isDemo'>) {
  return { account: { login, name, roles, isDemo } };
}
