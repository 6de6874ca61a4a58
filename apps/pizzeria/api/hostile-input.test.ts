// Whatever is sent, the API answers with a status of its own choosing and never with 500: seeded mutations of good
// requests, on both databases.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { postgresPrograms, startPostgresCluster } from '../infrastructure/postgres-cluster.ts';
import { ORDER, type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 250);

const NASTY: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1e308,
  0.1,
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u2028',
  '🍕'.repeat(200),
  'x'.repeat(5_000),
  '__proto__',
  'constructor',
  "'; drop table orders; --",
  '<script>alert(1)</script>',
  '${7*7}',
  '../../etc/passwd',
  [],
  {},
  [[]],
  { toString: 1 },
  Array.from({ length: 200 }, () => ORDER.items[0]),
];

test('SQLite', () => besiege({}));

const programs = postgresPrograms();
describe('PostgreSQL', { skip: programs === undefined && 'skipped: PostgreSQL is not installed' }, () => {
  test('the same', async () => {
    const cluster = await startPostgresCluster(programs!);
    try {
      await besiege({ databaseUrl: cluster.url });
    } finally {
      await cluster.stop();
    }
  });
});

async function besiege(options: { databaseUrl?: string }): Promise<void> {
  const pizzeria = await testPizzeria(options);
  try {
    const next = randomOf(SEED);
    for (let round = 0; round < ROUNDS; round += 1) {
      const body = mutate(structuredClone(ORDER), next);
      await answersWell(pizzeria, 'POST', '/api/orders/', body, `seed ${SEED}, round ${round}`);
    }
    const id = await pizzeria.order();
    for (const value of NASTY) {
      await answersWell(pizzeria, 'PUT', `/api/orders/${id}/assign`, { driverId: value }, 'driver');
      await answersWell(pizzeria, 'PUT', `/api/orders/${id}/cancel`, value, 'cancel');
      if (typeof value !== 'string') continue;
      const text = encodeURIComponent(value.toWellFormed().slice(0, 300));
      for (const path of [
        `/api/orders/${text}`,
        `/api/orders/${text}/events`,
        `/orders/${text}`,
        `/assets/${text}`,
        `/api/orders/?status=${text}`,
        `/api/orders/?driver=${text}`,
        `/api/orders/?limit=${text}`,
        `/api/orders/?before=${text}`,
        `/api/deliveries/?driver=${text}`,
        `/${text}`,
      ]) {
        await answersWell(pizzeria, 'GET', path, undefined, path);
      }
    }
    await answersWell(pizzeria, 'GET', '/api/orders/%zz', undefined, 'broken escape');
    assert.equal((await pizzeria.call('GET', '/ready')).status, 200);
  } finally {
    await pizzeria.close();
  }
}

async function answersWell(pizzeria: TestPizzeria, method: string, path: string, body: unknown, what: string) {
  const answer = await pizzeria.call(method, path, body === undefined ? undefined : JSON.stringify(body));
  assert.ok(answer.status < 500, `${what}: ${answer.status} ${JSON.stringify(body)?.slice(0, 300)}`);
  if (answer.status >= 400 && path.startsWith('/api/'))
    assert.equal(answer.body.status, answer.status, what.slice(0, 100));
}

/** Puts something nasty somewhere, up to three times. */
function mutate(root: unknown, next: () => number): unknown {
  let mutated = root;
  for (let times = 1 + Math.floor(next() * 3); times > 0; times -= 1) mutated = mutateOnce(mutated, next);
  return mutated;
}

function mutateOnce(value: unknown, next: () => number): unknown {
  if (typeof value !== 'object' || value === null || next() < 0.2) return NASTY[Math.floor(next() * NASTY.length)];
  const copy = structuredClone(value) as Record<string, unknown>;
  const keys = Object.keys(copy);
  if (keys.length === 0 || next() < 0.05) return { ...copy, surprise: 1 };
  const key = keys[Math.floor(next() * keys.length)]!;
  if (next() < 0.15) delete copy[key];
  else copy[key] = mutateOnce(copy[key], next);
  return copy;
}

function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
}
