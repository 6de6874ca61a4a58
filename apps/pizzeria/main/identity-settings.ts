// What accounts and limits are set to, read from the environment.

import type { AccessPolicy } from '../application/identity/access.ts';
import { type OAuthClient, parseClients } from '../application/identity/oauth-client.ts';
import { ROLES, type Role } from '../domain/account.ts';
import type { OpenIdSettings } from '../infrastructure/openid-provider.ts';
import { parseRateLimit, type RateLimit } from './rate-limit.ts';

export interface IdentitySettings {
  /** `open`: the work of the house needs no login. Without it, that holds on loopback only. */
  readonly auth?: 'open' | 'required' | undefined;
  /** Instead of the password that the documentation prints, for `mario`. */
  readonly managerPassword?: string | undefined;
  /** Instead of the secret that the documentation prints, for the simulated staff (`traffic`). */
  readonly trafficSecret?: string | undefined;
  readonly clients?: readonly OAuthClient[];
  readonly oidc?: OpenIdSettings | undefined;
  /** How the pizzeria is reached from outside (`https://pizza.example`); without it, as the request says. */
  readonly publicUrl?: string | undefined;
  /** Without it, other machines are limited and loopback is not. */
  readonly rateLimit?: RateLimit | 'off' | undefined;
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[] | undefined;
}

/** Reads MARIO_AUTH, MARIO_MANAGER_PASSWORD, MARIO_TRAFFIC_SECRET, MARIO_OIDC_*, MARIO_OAUTH_CLIENTS, MARIO_PUBLIC_URL, MARIO_RATE_LIMIT. */
export function identitySettings(environment: NodeJS.ProcessEnv): IdentitySettings {
  const value = (name: string) => environment[name] || undefined;
  const auth = value('MARIO_AUTH');
  if (auth !== undefined && auth !== 'open' && auth !== 'required') {
    throw new Error(`MARIO_AUTH must be open or required, is ${auth}.`);
  }
  const publicUrl = value('MARIO_PUBLIC_URL')?.replace(/\/+$/, '');
  if (publicUrl !== undefined && !/^https?:$/.test(URL.parse(publicUrl)?.protocol ?? '')) {
    throw new Error('MARIO_PUBLIC_URL must be the address by which customers reach the pizzeria: https://….');
  }
  return {
    auth,
    managerPassword: value('MARIO_MANAGER_PASSWORD'),
    trafficSecret: value('MARIO_TRAFFIC_SECRET'),
    clients: parseClients(value('MARIO_OAUTH_CLIENTS')),
    oidc: openIdSettings(value),
    publicUrl,
    rateLimit: parseRateLimit(value('MARIO_RATE_LIMIT')),
    trustedProxies: value('MARIO_TRUSTED_PROXIES')
      ?.split(',')
      .map((each) => each.trim()),
  };
}

function openIdSettings(value: (name: string) => string | undefined): OpenIdSettings | undefined {
  const issuer = value('MARIO_OIDC_ISSUER');
  if (issuer === undefined) return undefined;
  const clientId = value('MARIO_OIDC_CLIENT_ID');
  if (clientId === undefined || URL.parse(issuer) === null) {
    throw new Error('MARIO_OIDC_ISSUER must be a URL, and MARIO_OIDC_CLIENT_ID must name the client there.');
  }
  return {
    issuer,
    clientId,
    clientSecret: value('MARIO_OIDC_CLIENT_SECRET'),
    name: value('MARIO_OIDC_NAME') ?? new URL(issuer).hostname,
    roleClaim: value('MARIO_OIDC_ROLE_CLAIM') ?? 'roles',
    roles: parseRoles(value('MARIO_OIDC_ROLES')),
  };
}

/** `pizza-chefs=chef,pizza-bosses=manager`; without it a claim's value is the role of the same name. */
function parseRoles(text: string | undefined): ReadonlyMap<string, Role> {
  if (text === undefined) return new Map(ROLES.map((role) => [role, role]));
  return new Map(
    text.split(',').map((pair) => {
      const [claim, role] = pair.split('=').map((each) => each.trim());
      if (!claim || !(ROLES as readonly string[]).includes(role ?? '')) {
        throw new Error(`MARIO_OIDC_ROLES must be claim=role pairs with the roles ${ROLES.join(', ')}, has "${pair}".`);
      }
      return [claim, role as Role];
    }),
  );
}

/** Open, and with its demonstration accounts, where only this machine comes: by its address and by its public one. */
export function accessPolicy({ auth, publicUrl }: IdentitySettings, host: string): AccessPolicy {
  const isAlone = isLoopback(host) && (publicUrl === undefined || isLoopback(new URL(publicUrl).hostname));
  return { isOpen: auth === undefined ? isAlone : auth === 'open', allowsDemoAccounts: isAlone };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.');
}
