// The payment provider outside of the process, by HTTP: `POST /charges` and `POST /refunds`, idempotent by key.
//
// A call is tried three times with growing pauses when nobody answers, the answer is 429 or 5xx, or it takes too long;
// behind all tries stands a circuit breaker, so that customers do not wait for a provider that is away.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../application/clock.ts';
import { PaymentUnreachable } from '../application/failure.ts';
import type { PaymentProvider, PaymentResult } from '../application/payment.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

/** A card payment takes less than a second; a customer waits for three tries at most. */
const TIMEOUT_MS = 2_000;
const TRIES_MAX = 3;
const PAUSE_MS = 100;
const BREAKER = { failuresMax: 5, openMs: 10_000 };

export class HttpPayment implements PaymentProvider {
  readonly #url: string;
  readonly #breaker: CircuitBreaker;
  readonly #random: () => number;

  /** `url` is the provider's base address. `random` spreads the pauses of many customers. */
  constructor(url: string, clock: Clock, random: () => number = Math.random) {
    this.#url = url.replace(/\/+$/, '');
    this.#breaker = new CircuitBreaker(BREAKER, clock);
    this.#random = random;
  }

  async charge(orderId: string, amountCents: number): Promise<PaymentResult> {
    const { status, body } = await this.#post('/charges', `charge-${orderId}`, { orderId, amountCents });
    if (status === 402) return { accepted: false, reason: textOf(body, 'reason') ?? 'no reason given' };
    const reference = textOf(body, 'reference');
    if (reference === undefined) throw new PaymentUnreachable('the provider accepted without a reference');
    return { accepted: true, reference };
  }

  async refund(orderId: string, reference: string, amountCents: number): Promise<void> {
    await this.#post('/refunds', `refund-${orderId}`, { orderId, reference, amountCents });
  }

  /** The provider's decision: 2xx or 402. Everything else is `PaymentUnreachable`. */
  async #post(path: string, key: string, body: object): Promise<{ status: number; body: unknown }> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#breaker.run(() => this.#postOnce(path, key, body));
      } catch (error) {
        const again = error instanceof RetryLater && attempt < TRIES_MAX;
        if (!again) throw new PaymentUnreachable(error instanceof Error ? error.message : String(error));
        await sleep(PAUSE_MS * 2 ** (attempt - 1) * (0.5 + this.#random()));
      }
    }
  }

  async #postOnce(path: string, key: string, body: object): Promise<{ status: number; body: unknown }> {
    let response: Response;
    try {
      response = await fetch(this.#url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw new RetryLater(reasonOf(error));
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok || response.status === 402) return { status: response.status, body: answer };
    const text = `the provider answered ${response.status}`;
    throw response.status === 429 || response.status >= 500 ? new RetryLater(text) : new Error(text);
  }
}

/** Worth another try. */
class RetryLater extends Error {}

function textOf(body: unknown, key: string): string | undefined {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS} ms`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
