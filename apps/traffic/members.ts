// The guests with an account: they register when they first come, stay logged in or log in again, and some order with a
// program that shows a token (OAuth 2.1: authorization code with PKCE, then refresh tokens).

import { createHash } from 'node:crypto';
import type { Guest, GuestAccount } from './guest.ts';
import { type PizzeriaApi, type RequestHeaders, showing } from './pizzeria-client.ts';
import type { Random } from './random.ts';

/** A password costs the house memory and time on purpose; who finds so many others at the door orders as a guest. */
const ENTERING_MAX = 4;
/** People remembered; whoever was here longest ago is asked for everything again. */
const PEOPLE_MAX = 5_000;
/** Now and then a finger slips, and the house counts a refused login. */
const TYPO_SHARE = 0.01;
/** The program of the house's own documentation, and where it would listen for its code. */
const PROGRAM = 'mario-cli';
const REDIRECT_URI = 'http://127.0.0.1:8400/callback';
/** A token is renewed so long before its end. */
const RENEW_S = 60;

interface Login {
  /** What is shown with every request. */
  readonly credentials: RequestHeaders;
  readonly refreshToken?: string;
  readonly renewAtMs: number;
}

interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

export interface Newcomer {
  readonly guest: Guest;
  readonly account: GuestAccount;
  readonly random: Random;
}

export class Members {
  readonly #nowMs: () => number;
  /** By the guest's number; undefined for who has an account and has logged out. */
  readonly #logins = new Map<number, Login | undefined>();
  #entering = 0;

  /** `nowMs` is the house's clock: tokens and sessions end by it, however fast the simulated day runs. */
  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** The house as the guest with the account sees it; undefined when they are not let in and come as anybody else. */
  async enter(api: PizzeriaApi, newcomer: Newcomer): Promise<PizzeriaApi | undefined> {
    const known = this.#logins.get(newcomer.guest.number);
    const kept = known && (await this.#renewed(api, known));
    if (kept !== undefined) return this.#keep(api, newcomer.guest, kept);
    if (this.#entering >= ENTERING_MAX) return undefined;
    this.#entering += 1;
    try {
      const login = await this.#logIn(api, newcomer);
      return login && this.#keep(api, newcomer.guest, login);
    } finally {
      this.#entering -= 1;
    }
  }

  /** Whoever shares the computer logs out. */
  async leave(api: PizzeriaApi, guest: Guest): Promise<void> {
    this.#remember(guest, undefined);
    await api.post('/api/auth/logout', {});
  }

  #keep(api: PizzeriaApi, guest: Guest, login: Login): PizzeriaApi {
    this.#remember(guest, login);
    return showing(api, login.credentials);
  }

  #remember({ number }: Guest, login: Login | undefined): void {
    this.#logins.delete(number);
    this.#logins.set(number, login);
    if (this.#logins.size > PEOPLE_MAX) this.#logins.delete(this.#logins.keys().next().value!);
  }

  async #logIn(api: PizzeriaApi, newcomer: Newcomer): Promise<Login | undefined> {
    const cookie = await sessionOf(api, newcomer, this.#logins.has(newcomer.guest.number));
    if (cookie === undefined) return undefined;
    if (newcomer.account.by === 'pages') return { credentials: { cookie }, renewAtMs: Number.POSITIVE_INFINITY };
    const tokens = await tokensOf(showing(api, { cookie }), newcomer.random);
    return tokens && this.#shown(tokens);
  }

  /** Undefined when the house does not know the person any more. */
  async #renewed(api: PizzeriaApi, login: Login): Promise<Login | undefined> {
    if (login.refreshToken === undefined) {
      const { status } = await api.get('/api/auth/me', login.credentials);
      return status === 401 ? undefined : login;
    }
    if (this.#nowMs() < login.renewAtMs) return login;
    const answer = await askForToken(api, { grant_type: 'refresh_token', refresh_token: login.refreshToken });
    return answer && this.#shown(answer);
  }

  #shown({ access_token: token, refresh_token: refreshToken, expires_in: seconds }: TokenAnswer): Login {
    const renewAtMs = this.#nowMs() + (seconds - RENEW_S) * 1000;
    return { credentials: { authorization: `Bearer ${token}` }, refreshToken, renewAtMs };
  }
}

/** Who is new registers; the house may know them all the same, from an earlier run with the same seed. */
async function sessionOf(api: PizzeriaApi, newcomer: Newcomer, isKnown: boolean): Promise<string | undefined> {
  const { guest, account, random } = newcomer;
  const { login, password } = account;
  if (random.chance(TYPO_SHARE)) await api.post('/api/auth/login', { login, password: `${password}#` });
  const logIn = () => api.post('/api/auth/login', { login, password });
  const register = () => api.post('/api/auth/register', { login, password, ...guest.contact });
  const first = await (isKnown ? logIn() : register());
  const answer = first.problem === 'login-taken' ? await logIn() : first;
  return answer.headers?.get('set-cookie')?.split(';', 1)[0];
}

async function tokensOf(api: PizzeriaApi, random: Random): Promise<TokenAnswer | undefined> {
  const verifier = Array.from({ length: 8 }, () => random.whole(0, 0xffff_ffff).toString(16).padStart(8, '0')).join('');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const question = {
    response_type: 'code',
    client_id: PROGRAM,
    redirect_uri: REDIRECT_URI,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    decision: 'allow',
  };
  const { headers } = await api.post('/api/auth/authorize', formOf(question), FORM);
  const code = URL.parse(headers?.get('location') ?? '')?.searchParams.get('code');
  if (code == null) return undefined;
  const grant = { grant_type: 'authorization_code', redirect_uri: REDIRECT_URI, code, code_verifier: verifier };
  return askForToken(api, grant);
}

async function askForToken(api: PizzeriaApi, grant: Record<string, string>): Promise<TokenAnswer | undefined> {
  const { body } = await api.post<TokenAnswer>('/api/auth/token', formOf({ ...grant, client_id: PROGRAM }), FORM);
  return body;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function formOf(fields: Record<string, string>): string {
  return new URLSearchParams(fields).toString();
}
