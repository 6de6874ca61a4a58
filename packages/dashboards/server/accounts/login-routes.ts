/** Entering, leaving and changing the password, with Grafana's paths and answers. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Accounts, SESSION_LIFETIME_MS } from './accounts.ts';
import { authenticate, problem, refusal, requireUser, SESSION_COOKIE, sessionToken } from './authenticate.ts';
import { isCrossSite, isLocal } from './origin.ts';
import { PASSWORD_CHARS_MAX } from './password.ts';

/** Grafana's default minimum is 4; short ones are guessed in minutes. */
const PASSWORD_CHARS_MIN = 8;

export function addLoginRoutes(app: FastifyInstance, accounts: Accounts): void {
  app.post('/login', async (request, reply) => {
    if (isCrossSite(request)) return reply.code(403).send(problem(403, 'auth.csrf', 'origin not allowed'));
    const body = (request.body ?? {}) as { user?: unknown; password?: unknown };
    if (typeof body.user !== 'string' || typeof body.password !== 'string') {
      return reply.code(400).send(problem(400, 'auth.bad-request', 'send {"user": "…", "password": "…"}'));
    }
    const user = await accounts.check(body.user, body.password);
    if (typeof user === 'string') return refuse(reply, user);
    if (accounts.passwordIsDefault(user) && !isLocal(request)) return refuse(reply, 'default-password');
    setCookie(reply, await accounts.startSession(user), Math.floor(SESSION_LIFETIME_MS / 1000));
    return { message: 'Logged in', redirectUrl: '/' };
  });

  app.get('/logout', async (request, reply) => {
    const token = sessionToken(request);
    // Another site may link here, but a link must not end a session behind the user's back.
    const site = request.headers['sec-fetch-site'];
    if (token !== undefined && site !== 'cross-site') {
      await accounts.endSession(token);
      setCookie(reply, '', 0);
    }
    return reply.redirect('/login');
  });

  app.get('/api/user', { preHandler: requireUser(accounts) }, async (request) => {
    const user = request.user!;
    return {
      id: user.id,
      uid: `user-${user.id}`,
      login: user.login,
      name: user.login,
      email: `${user.login}@localhost`,
      theme: '',
      orgId: 1,
      isGrafanaAdmin: true,
      isDisabled: false,
      isExternal: false,
      authLabels: [],
      avatarUrl: '',
      passwordIsDefault: accounts.passwordIsDefault(user),
    };
  });

  app.get('/api/org', { preHandler: requireUser(accounts) }, async () => ({ id: 1, name: 'Main Org.', address: {} }));

  app.put('/api/user/password', { preHandler: requireUser(accounts) }, async (request, reply) => {
    const body = (request.body ?? {}) as { oldPassword?: unknown; newPassword?: unknown };
    const { oldPassword, newPassword } = body;
    if (typeof oldPassword !== 'string' || typeof newPassword !== 'string') {
      return reply.code(400).send({ message: 'send {"oldPassword": "…", "newPassword": "…"}' });
    }
    if (newPassword.length < PASSWORD_CHARS_MIN || newPassword.length > PASSWORD_CHARS_MAX) {
      return reply
        .code(400)
        .send({ message: `New password must have ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters` });
    }
    const user = await accounts.check(request.user!.login, oldPassword);
    if (typeof user === 'string') return reply.code(401).send({ message: 'Invalid old password' });
    await accounts.changePassword(user, newPassword);
    setCookie(reply, await accounts.startSession(user), Math.floor(SESSION_LIFETIME_MS / 1000));
    return { message: 'User password changed' };
  });
}

/** For pages: true when the browser holds a session. */
export async function hasSession(request: Parameters<typeof authenticate>[0], accounts: Accounts): Promise<boolean> {
  return (await authenticate(request, accounts)).user !== undefined;
}

function refuse(reply: FastifyReply, why: 'wrong' | 'blocked' | 'default-password') {
  const { status, body } = refusal(why);
  return reply.code(status).send(body);
}

/** Without Secure: the server speaks plain HTTP on loopback; a TLS proxy in front may add it. */
function setCookie(reply: FastifyReply, token: string, ageS: number): void {
  reply.header('set-cookie', `${SESSION_COOKIE}=${token}; Path=/; Max-Age=${ageS}; HttpOnly; SameSite=Lax`);
}
