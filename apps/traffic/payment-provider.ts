// The payment provider of the simulated world: another company's service, behind a port of its own, with traces of its
// own that go on from the caller's.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { measured, served } from './payment-telemetry.ts';
import { randomOf } from './random.ts';
import type { TrafficLog } from './traffic-log.ts';

export interface PaymentProviderOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly seed: number;
  /** Share of cards that are declined, 0 to 1; 0.01 when absent. */
  readonly declineShare?: number;
  /** How long a decision takes on the average; 40 ms when absent. */
  readonly decisionMs?: number;
  readonly log: TrafficLog;
}

export interface RunningPaymentProvider {
  readonly address: string;
  close(): Promise<void>;
}

/** Decisions remembered, so that asking again with the same key gives the same answer; the oldest go first. */
const DECISIONS_MAX = 50_000;
const BODY_BYTES_MAX = 64 * 1024;

const PATHS: ReadonlySet<string> = new Set(['/charges', '/refunds', '/voids']);

interface Decision {
  readonly status: number;
  readonly body: object;
}

export async function startPaymentProvider(options: PaymentProviderOptions): Promise<RunningPaymentProvider> {
  const { host, port, seed, declineShare = 0.01, decisionMs = 40, log } = options;
  const random = randomOf(seed, 3);
  const decisions = new Map<string, Decision>();

  const decide = (path: string, orderId: string): Decision => {
    if (path === '/refunds') return { status: 201, body: { refunded: true } };
    if (random.chance(declineShare)) return { status: 402, body: { reason: 'insufficient funds' } };
    return { status: 201, body: { reference: `pay_${orderId}` } };
  };

  const remember = (key: string, decision: Decision): void => {
    decisions.set(key, decision);
    if (decisions.size > DECISIONS_MAX) decisions.delete(decisions.keys().next().value!);
  };

  /** A charge that comes later is declined; one that came before is told. */
  const voided = (orderId: string): object => {
    const charge = decisions.get(`charge-${orderId}`);
    if (charge === undefined) remember(`charge-${orderId}`, { status: 402, body: { reason: 'voided' } });
    return charge?.status === 201 ? charge.body : {};
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || !PATHS.has(path)) return send(response, 404, {});
    const orderId = orderIdOf(await bodyOf(request));
    if (typeof key !== 'string' || orderId === undefined)
      return send(response, 400, { reason: 'key or order missing' });
    if (path === '/voids') return send(response, 200, voided(orderId));
    await measured('ask the bank', () => sleep(random.exponential(decisionMs)));
    const decision = decisions.get(key) ?? decide(path, orderId);
    remember(key, decision);
    send(response, decision.status, decision.body);
  };

  const server = createServer((request, response) => {
    served(request, response, () => answer(request, response)).catch((error) => {
      log.warn('a payment could not be decided', { error: String(error) });
      if (response.headersSent) response.destroy();
      else send(response, 400, { reason: 'malformed request' });
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    address: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) throw new Error('the body is too large');
    chunks.push(chunk as Buffer);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

function orderIdOf(body: unknown): string | undefined {
  const orderId = typeof body === 'object' && body !== null ? (body as { orderId?: unknown }).orderId : undefined;
  return typeof orderId === 'string' && orderId !== '' ? orderId : undefined;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
