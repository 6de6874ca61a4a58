// The payment provider outside of the process, by HTTP: `POST /charges`, `/refunds` and `/voids`, idempotent by key.
//
// A call is tried three times with growing pauses when nobody answers, the answer is 429 or 5xx, or it takes too long.
// That is safe only because every call carries its own key and the provider decides once for each; there is no call
// without one. Behind all tries stands a circuit breaker, so that customers do not wait for a provider that is away.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../application/clock.ts';
import { PaymentUnreachable, type UnreachableReason } from '../application/failure.ts';
import { type Hindrances, NO_HINDRANCES } from '../application/hindrances.ts';
import type { PaymentProvider, PaymentResult } from '../application/payment.ts';
import { CircuitBreaker, CircuitOpen, type CircuitState } from './circuit-breaker.ts';

/** A card payment takes less than a second; a customer waits for three tries at most. */
const TIMEOUT_MS = 2_000;
const TRIES_MAX = 3;
const PAUSE_MS = 100;
const BREAKER = { failuresMax: 5, openMs: 10_000 };

export interface HttpPaymentOptions {
  /** The provider's base address. */
  readonly url: string;
  readonly clock: Clock;
  /** Spreads the pauses of many customers. */
  readonly random?: () => number;
  /** Told of the circuit's first state and of every change. */
  readonly onCircuit?: (state: CircuitState) => void;
  readonly hindrances?: Pick<Hindrances, 'cutsPayment'>;
}

export class HttpPayment implements PaymentProvider {
  readonly #url: string;
  readonly #breaker: CircuitBreaker;
  readonly #random: () => number;
  readonly #hindrances: Pick<Hindrances, 'cutsPayment'>;

  constructor({ url, clock, random = Math.random, onCircuit, hindrances = NO_HINDRANCES }: HttpPaymentOptions) {
    this.#url = url.replace(/\/+$/, '');
    this.#breaker = new CircuitBreaker(BREAKER, clock, onCircuit);
    this.#random = random;
    this.#hindrances = hindrances;
  }

  async charge(orderId: string, amountCents: number): Promise<PaymentResult> {
    const { status, body } = await this.#post('/charges', 'charge', { orderId, amountCents });
    if (status === 402) return { accepted: false, reason: textOf(body, 'reason') ?? 'no reason given' };
    const reference = textOf(body, 'reference');
    if (reference === undefined) throw new PaymentUnreachable('the provider accepted without a reference', 'confused');
    return { accepted: true, reference };
  }

  async voidCharge(orderId: string): Promise<string | undefined> {
    const { body } = await this.#post('/voids', 'void', { orderId });
    return textOf(body, 'reference');
  }

  async refund(orderId: string, reference: string, amountCents: number): Promise<void> {
    await this.#post('/refunds', 'refund', { orderId, reference, amountCents });
  }

  /** The provider's decision: 2xx or 402, for a void also 404, of a provider that knows of no such thing. Everything else is `PaymentUnreachable`. */
  async #post(path: string, kind: string, body: PaymentBody): Promise<{ status: number; body: unknown }> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#breaker.run(() => this.#postOnce(path, `${kind}-${body.orderId}`, body));
      } catch (error) {
        const again = error instanceof CallFailed && error.worthAnotherTry && attempt < TRIES_MAX;
        if (!again) throw unreachable(error);
        await sleep(PAUSE_MS * 2 ** (attempt - 1) * (0.5 + this.#random()));
      }
    }
  }

  async #postOnce(path: string, key: string, body: PaymentBody): Promise<{ status: number; body: unknown }> {
    const cut = this.#hindrances.cutsPayment(body.orderId);
    if (cut !== false && (await cut)) throw new CallFailed('the line is cut', 'refused', true);
    let response: Response;
    try {
      response = await fetch(this.#url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw networkFailure(error);
    }
    const answer: unknown = await response.json().catch(() => undefined);
    const isDecision = response.ok || response.status === 402 || (path === '/voids' && response.status === 404);
    if (isDecision) return { status: response.status, body: answer };
    const busy = response.status === 429 || response.status >= 500;
    throw new CallFailed(`the provider answered ${response.status}`, busy ? 'failing' : 'confused', busy);
  }
}

interface PaymentBody {
  readonly orderId: string;
  readonly amountCents?: number;
  readonly reference?: string;
}

class CallFailed extends Error {
  readonly reason: UnreachableReason;
  readonly worthAnotherTry: boolean;

  constructor(message: string, reason: UnreachableReason, worthAnotherTry: boolean) {
    super(message);
    this.reason = reason;
    this.worthAnotherTry = worthAnotherTry;
  }
}

function unreachable(error: unknown): PaymentUnreachable {
  if (error instanceof CallFailed) return new PaymentUnreachable(error.message, error.reason);
  if (error instanceof CircuitOpen) return new PaymentUnreachable(error.message, 'circuit_open');
  return new PaymentUnreachable(error instanceof Error ? error.message : String(error), 'confused');
}

function networkFailure(error: unknown): CallFailed {
  if (!(error instanceof Error)) return new CallFailed(String(error), 'refused', true);
  if (error.name === 'TimeoutError') return new CallFailed(`no answer within ${TIMEOUT_MS} ms`, 'timeout', true);
  const { cause } = error;
  return new CallFailed(cause instanceof Error ? cause.message : error.message, 'refused', true);
}

function textOf(body: unknown, key: string): string | undefined {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}
