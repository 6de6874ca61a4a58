/**
 * What telemetry costs the pizzeria: processor time of its server for each request, with telemetry off, with the official
 * automatic instrumentation, and as shipped. The requests come over eight connections, in short slices of all servers in
 * turn, so that what else the machine does slows neighbours alike; the ratio is of neighbours. Afterwards every span, log
 * line and measurement of the shipped server is counted: what was cheap because it was lost would be no result.
 */
import { Collector } from './collector.ts';
import { type Mode, PizzeriaServer, type Work } from './pizzeria-server.ts';
import { installStock } from './stock-packages.ts';

const WARM_UP_REQUESTS = 3_000;
const SLICE_REQUESTS = 400;
const ROUNDS = Number(process.env.ROUNDS ?? 41);

const ORDER = JSON.stringify({
  customer: { name: 'Ada Rossi', phone: '+1 555 0134', address: '12 Via Toledo' },
  items: [{ pizza: 'Margherita', size: 'large', toppings: ['extra cheese'], quantity: 1 }],
  paymentMethod: 'card',
});

const WORKS: readonly (Work & { readonly goal: number })[] = [
  { name: 'menu', goal: 1.5, method: 'GET', path: '/api/menu/' },
  { name: 'order', goal: 1.25, method: 'POST', path: '/api/orders/', body: ORDER },
];

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

const median = (values: readonly number[]) => quantile(values, 0.5);

function line(mode: Mode, costs: readonly number[], base: readonly number[]): string {
  const ratios = costs.map((cost, round) => cost / base[round]!);
  const spread = `quartiles ${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)}`;
  const quietest = quantile(costs, 0.1) / quantile(base, 0.1);
  const each = `${median(costs).toFixed(0).padStart(6)} µs`;
  return `  ${mode.padEnd(8)} ${each}  ${median(ratios).toFixed(2)} × off  (${spread}; quiet tenth against quiet tenth ${quietest.toFixed(2)})`;
}

async function measure(servers: readonly PizzeriaServer[]): Promise<void> {
  for (const work of WORKS) {
    for (const server of servers) await server.run(work, WARM_UP_REQUESTS);
    const costs = new Map(servers.map((server) => [server.mode, [] as number[]]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let turn = 0; turn < servers.length; turn += 1) {
        const server = servers[(round + turn) % servers.length]!;
        costs.get(server.mode)!.push(await server.run(work, SLICE_REQUESTS));
      }
    }
    console.log(
      `${work.method} ${work.path}: processor time a request, median of ${ROUNDS} rounds (goal ${work.goal} ×)`,
    );
    for (const server of servers) console.log(line(server.mode, costs.get(server.mode)!, costs.get('off')!));
  }
}

/** Every request has its server span, every order its line in the log, and both metrics paths counted all. */
async function checkComplete(server: PizzeriaServer, collector: Collector): Promise<void> {
  const counted = await server.countedRequests(WORKS);
  await server.stop();
  const received = collector.count();
  for (const work of WORKS) {
    const name = `${work.method} ${work.path}`;
    const sent = server.sent.get(work.name)!;
    const spans = received.serverSpans.get(name) ?? 0;
    const verdict = spans === sent && counted.get(work.name) === sent ? 'complete' : 'INCOMPLETE';
    console.log(`${name}: ${sent} requests, ${spans} server spans, ${counted.get(work.name)} measured: ${verdict}`);
    if (verdict !== 'complete') process.exitCode = 1;
  }
  const placed = received.lines.get('order placed') ?? 0;
  console.log(
    `${received.spanCount} spans, ${received.lineCount} log lines (${placed} of an order placed), ${received.pointCount} metric points, ${(received.bytes / 1e6).toFixed(0)} MB`,
  );
  if (placed !== server.sent.get('order')) process.exitCode = 1;
}

async function main(): Promise<void> {
  const stock = await installStock();
  const modes: readonly Mode[] = stock === undefined ? ['off', 'shipped'] : ['off', 'stock', 'shipped'];
  const collectors = await Promise.all(modes.map(() => Collector.start()));
  const servers = await Promise.all(
    modes.map((mode, at) => PizzeriaServer.start(mode, collectors[at]!.url, mode === 'stock' ? stock : undefined)),
  );
  try {
    await measure(servers);
    for (const server of servers) console.log(`${server.mode}: ${(await server.residentMB()).toFixed(0)} MB resident`);
    await checkComplete(servers.at(-1)!, collectors.at(-1)!);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all(collectors.map((collector) => collector.stop()));
  }
}

await main();
process.exit();
