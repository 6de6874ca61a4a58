// JSON schemas of accounts, profiles and tokens.

import { ROLES } from '../domain/account.ts';
import { exactly, instant, listOf, text } from './schema-parts.ts';
import { contact } from './schemas.ts';

const roles = listOf({ type: 'string', enum: ROLES });
const login = { type: 'string', examples: ['ada'] } as const;
const password = {
  type: 'string',
  description: 'At least ten characters',
  examples: ['four cheeses, no pineapple'],
} as const;
/** Where a form goes on; a path of this site. */
const returnPath = { type: 'string' } as const;

export const account = exactly({
  account: exactly({ login: text, name: text, roles, isDemo: { type: 'boolean' } }),
});

export const loginRequest = {
  type: 'object',
  required: ['login', 'password'],
  properties: { login, password: { type: 'string' }, return: returnPath },
} as const;

export const registration = {
  type: 'object',
  required: ['login', 'password', 'name', 'phone', 'address'],
  properties: { login, password, ...contact.properties, return: returnPath },
} as const;

export const passwordChange = {
  type: 'object',
  required: ['currentPassword', 'newPassword'],
  properties: { currentPassword: { type: 'string' }, newPassword: password, return: returnPath },
} as const;

export const staff = listOf(
  exactly({
    id: text,
    login: text,
    name: text,
    roles,
    kind: { type: 'string', enum: ['person', 'service'] },
    isDemo: { type: 'boolean' },
    createdAt: instant,
  }),
);

export const newStaff = {
  type: 'object',
  required: ['login', 'name', 'password', 'roles'],
  properties: {
    login,
    name: { type: 'string', examples: ['Giulia'] },
    password,
    roles: { type: 'array', items: { type: 'string', enum: ROLES }, examples: [['chef']] },
    kind: { type: 'string', enum: ['person', 'service'], description: 'By default a person' },
  },
} as const;

export const profile = {
  type: 'object',
  required: ['name', 'phone', 'address', 'version'],
  additionalProperties: false,
  properties: {
    name: text,
    phone: text,
    address: text,
    email: text,
    version: { type: 'integer', description: 'Grows with every change; also the ETag' },
  },
} as const;

export const tokenRequest = {
  type: 'object',
  required: ['grant_type'],
  properties: {
    grant_type: { type: 'string', description: 'authorization_code, refresh_token or client_credentials' },
    code: text,
    redirect_uri: text,
    code_verifier: text,
    refresh_token: text,
    client_id: text,
    client_secret: { type: 'string', description: 'Or by HTTP Basic' },
  },
} as const;

export const token = {
  type: 'object',
  required: ['access_token', 'token_type', 'expires_in', 'scope'],
  additionalProperties: false,
  properties: {
    access_token: text,
    token_type: { const: 'Bearer' },
    expires_in: { type: 'integer', description: 'Seconds' },
    refresh_token: text,
    scope: { type: 'string', description: 'The roles, with blanks' },
  },
} as const;

export const revocation = {
  type: 'object',
  required: ['token'],
  properties: { token: text, token_type_hint: text },
} as const;
