// How many requests somebody may send: a bucket of tokens for each address, and one for each account.
//
// The answer's headers say what is left (draft-ietf-httpapi-ratelimit-headers-10). Loopback is not limited unless
// MARIO_RATE_LIMIT is set: the simulated world and load tests are there, hundreds of customers behind one address.

import type { FastifyInstance, FastifyReply } from 'fastify';
import { pathOf, problem, sendProblem } from '../api/problem.ts';
import type { Clock } from '../application/clock.ts';

export interface RateLimit {
  readonly requests: number;
  readonly windowS: number;
}

/** An impatient household presses a button twice a second; a page of ours needs about ten requests. */
export const DEFAULT_RATE_LIMIT: RateLimit = { requests: 1_200, windowS: 60 };
/** Buckets kept; a full one is the same as none, so the fullest are forgotten first. */
const BUCKETS_MAX = 20_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Reads `600/60s` (requests and seconds) or `off`. */
export function parseRateLimit(text: string | undefined): RateLimit | 'off' | undefined {
  if (text === undefined || text === 'off') return text;
  const match = /^([1-9]\d{0,6})\/([1-9]\d{0,4})s$/.exec(text);
  if (match === null) throw new Error(`MARIO_RATE_LIMIT must be like 600/60s, or off; it is ${text}.`);
  return { requests: Number(match[1]), windowS: Number(match[2]) };
}

export class RateLimiter {
  readonly limit: RateLimit;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit, clock: Clock) {
    this.limit = limit;
    this.#clock = clock;
  }

  /** Takes a token: how many are left, or how long until there is one. */
  take(key: string): { readonly left: number; readonly waitS: number } {
    const nowMs = this.#clock.nowMs();
    const { requests, windowS } = this.limit;
    const perMs = requests / (windowS * 1000);
    const bucket = this.#buckets.get(key) ?? { tokens: requests, atMs: nowMs };
    // The clock may be set back; tokens never are.
    bucket.tokens = Math.min(requests, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs);
    bucket.atMs = nowMs;
    // Kept in the order of use, so the first is the one that was left alone the longest.
    this.#buckets.delete(key);
    if (this.#buckets.size >= BUCKETS_MAX) this.#buckets.delete(this.#buckets.keys().next().value!);
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return { left: 0, waitS: Math.ceil((1 - bucket.tokens) / perMs / 1000) };
    bucket.tokens -= 1;
    return { left: Math.floor(bucket.tokens), waitS: 0 };
  }
}

/** Limits every request of the app; comes after whoever finds out who sent it. */
export function limitRequests(app: FastifyInstance, setting: RateLimit | 'off' | undefined, clock: Clock): void {
  if (setting === 'off') return;
  const limiter = new RateLimiter(setting ?? DEFAULT_RATE_LIMIT, clock);
  const { requests, windowS } = limiter.limit;
  app.addHook('onRequest', async (request, reply) => {
    if (setting === undefined && isLoopback(request.ip)) return;
    // What the machinery asks (health, scrapes) must not fail because customers are many.
    const path = pathOf(request);
    if (path === '/health' || path === '/ready' || path === '/api/metrics') return;
    const { principal } = request;
    const keys = [`address ${request.ip}`, ...(principal === undefined ? [] : [`account ${principal.accountId}`])];
    const takings = keys.map((key) => limiter.take(key));
    const left = Math.min(...takings.map((taking) => taking.left));
    const waitS = Math.max(...takings.map((taking) => taking.waitS));
    reply.header('RateLimit-Policy', `"default";q=${requests};w=${windowS}`);
    reply.header('RateLimit', `"default";r=${left};t=${waitS || windowS}`);
    if (waitS > 0) return refuse(reply, waitS, path);
  });
}

function refuse(reply: FastifyReply, waitS: number, instance: string): FastifyReply {
  const detail = `Too many requests came from this address or account; send the next one in ${waitS} s.`;
  return sendProblem(reply.header('Retry-After', String(waitS)), {
    ...problem('too-many-requests', 429, detail),
    instance,
  });
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
