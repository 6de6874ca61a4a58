/**
 * Each fault from its switch to its cause: switched on by the API, met by traffic, its alert fires at /api/v1/alerts, the
 * query that the fault names returns the cause, and a trace shows the flag where it acted.
 *
 * One stack for all ten. Time in the rules is divided by thirty (fast-rules.ts) and scrapes come every second; shares,
 * lengths and bytes are those of deploy/. The pizzeria's promise to the door is two seconds (`--speed 1350`).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, json, logql, promql, traceql } from '@mario/testkit';
import { hastenRules } from './fast-rules.ts';
import { fastConfiguration, freePortOffset, startMario, temporaryFolder } from './mario-process.ts';

interface Fault {
  readonly name: string;
  readonly alert: string;
  readonly query: { readonly language: string; readonly text: string };
}

interface Alerts {
  readonly data: { readonly alerts: readonly { readonly labels: Record<string, string>; readonly state: string }[] };
}

/** The whole chain of one fault; the slowest (a busy event loop) needs about twenty seconds here. */
const CHAIN_MS = 45_000;

/** What a fault needs to be noticed: one round of traffic, repeated until its alert fires. */
type Round = (shop: Shop) => Promise<unknown>;

const ROUNDS: Readonly<Record<string, { readonly value?: number; readonly round: Round; readonly end?: Round }>> = {
  'menu-cache-failing': { round: (shop) => shop.call('GET', '/api/menu/') },
  'failing-readiness': { round: (shop) => shop.call('GET', '/ready') },
  'payment-failing': { value: 100, round: (shop) => shop.order('card') },
  'payment-unreachable': { round: (shop) => shop.order('card') },
  'slow-oven': {
    value: 600,
    async round(shop) {
      const id = await shop.order('cash');
      // The ovens fill up because nothing may leave them; then orders wait.
      await shop.step(id, 'cook');
      await shop.step(shop.cooking[0], 'ready');
    },
    async end(shop) {
      for (const id of shop.cooking) await shop.step(id, 'ready');
    },
  },
  'slow-delivery': {
    value: 3,
    async round(shop) {
      const id = await shop.order('cash');
      for (const step of ['cook', 'ready', 'assign'] as const) await shop.step(id, step);
      shop.onTheRoad.push(id);
      const first = shop.onTheRoad[0]!;
      if ((await shop.step(first, 'deliver')) === 200) shop.onTheRoad.shift();
    },
  },
  'event-backlog': { round: (shop) => shop.order('cash') },
  'slow-database': { round: (shop) => shop.order('cash') },
  'memory-leak': { value: 64, round: (shop) => shop.order('cash') },
  'cpu-burn': {
    value: 90,
    round: (shop) => Promise.all(Array.from({ length: 8 }, () => shop.call('GET', '/api/menu/'))),
  },
};

/** Two tours may not have more than eight boxes each; each order gets a driver of its own. */
class Shop {
  readonly base: string;
  readonly cooking: string[] = [];
  readonly onTheRoad: string[] = [];
  #orders = 0;

  constructor(base: string) {
    this.base = base;
  }

  async call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.base + path, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: response.ok && text.startsWith('{') ? JSON.parse(text) : undefined };
  }

  /** The order's id; empty when it was refused. */
  async order(paymentMethod: 'card' | 'cash'): Promise<string> {
    this.#orders += 1;
    const { body } = await this.call('POST', '/api/orders/', {
      customer: { name: 'Ada Guest', phone: `+1 555 01${this.#orders}00`, address: '1 Test Street' },
      items: [{ pizza: 'Margherita', size: 'large', quantity: 1 }],
      paymentMethod,
    });
    return (body as { id?: string } | undefined)?.id ?? '';
  }

  async step(id: string | undefined, step: 'cook' | 'ready' | 'assign' | 'deliver'): Promise<number> {
    if (id === undefined) return 404;
    const body = step === 'assign' ? { driverId: `driver-${id}`.slice(0, 64) } : undefined;
    const { status } = await this.call('PUT', `/api/orders/${id}/${step}`, body);
    if (step === 'cook' && status === 200) this.cooking.push(id);
    return status;
  }
}

test('each fault: from the switch to the alert, the cause and the trace', async (t) => {
  const folder = temporaryFolder(t);
  const offset = await freePortOffset();
  const configDir = fastConfiguration(folder);
  hastenRules(configDir);
  const common = ['--port-offset', String(offset), '--ephemeral', '--config', configDir];
  const environment = {
    // The other tests go the way that is the default, OTLP over HTTP.
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${4317 + offset}`,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_BLRP_SCHEDULE_DELAY: '200',
    PAYMENT_URL: `http://127.0.0.1:${8085 + offset}`,
  };
  const stack = await startMario('stack', common);
  t.after(() => stack.stop());
  const payments = await startMario('payments', ['--port-offset', String(offset), '--decline', '0'], environment);
  t.after(() => payments.stop());
  const pizzeria = await startMario('pizzeria', [...common, '--speed', '1350'], environment);
  t.after(() => pizzeria.stop());
  const { metrics, traces, logs } = stack.addresses as Record<'metrics' | 'traces' | 'logs', string>;
  const shop = new Shop(pizzeria.addresses.pizzeria!);
  const { faults } = await json<{ faults: Fault[] }>(`${shop.base}/api/faults/`);
  assert.deepEqual(faults.map(({ name }) => name).sort(), Object.keys(ROUNDS).sort());

  await t.test('a payment is one trace over both services', async () => {
    await shop.order('card');
    const query = `{ resource.service.name = "mario-pizzeria" && name = "POST /api/orders/" } >> { resource.service.name = "payment-provider" && name = "POST /charges" }`;
    await eventually(query, async () => ((await traceql(traces, query)).length > 0 ? true : undefined));
  });

  for (const [name, { value, round, end }] of Object.entries(ROUNDS)) {
    const fault = faults.find((each) => each.name === name)!;
    await t.test(`${name}: ${fault.alert} fires, and its cause is found`, async (chain) => {
      const began = performance.now();
      assert.ok(!(await firing(metrics)).has(fault.alert), `${fault.alert} fires before the fault`);
      const switched = await shop.call('PUT', `/api/faults/${name}`, {
        on: true,
        forSeconds: 120,
        ...(value && { value }),
      });
      assert.equal(switched.status, 200);

      while (!(await firing(metrics)).has(fault.alert)) {
        assert.ok(performance.now() - began < CHAIN_MS, `${fault.alert} did not fire`);
        await round(shop);
        await sleep(100);
      }
      chain.diagnostic(`${fault.alert} fired after ${((performance.now() - began) / 1000).toFixed(1)} s`);
      await eventually(`the cause by ${fault.query.text}`, () => causeOf(fault, metrics, traces), 10_000);
      const flag = `{ event.feature_flag.key = "${name}" && event.feature_flag.result.variant = "on" }`;
      await eventually(flag, async () => ((await traceql(traces, flag)).length > 0 ? true : undefined), 10_000);

      assert.equal((await shop.call('PUT', `/api/faults/${name}`, { on: false })).status, 200);
      await end?.(shop);
    });
  }

  await t.test('the log tells what was switched on and off', async () => {
    const query = '{service_name="mario-pizzeria"} |= "a fault was switched"';
    const all = async () => ((await logql(logs, query)).length === 2 * faults.length ? true : undefined);
    await eventually('two lines for each fault', all, 10_000);
  });
});

async function firing(metrics: string): Promise<Set<string | undefined>> {
  const { data } = await json<Alerts>(`${metrics}/api/v1/alerts`);
  return new Set(data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname));
}

/** The label values that the fault's own query returns; undefined while it returns nothing. */
async function causeOf({ query }: Fault, metrics: string, traces: string): Promise<readonly string[] | undefined> {
  const found =
    query.language === 'traceql'
      ? (await traceql(traces, query.text)).map(({ traceID }) => traceID)
      : (await promql(metrics, query.text)).flatMap(({ metric }) => Object.values(metric));
  return found.length > 0 ? found : undefined;
}
