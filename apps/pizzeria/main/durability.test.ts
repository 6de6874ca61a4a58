// An order that was acknowledged survives SIGKILL, and nothing is doubled by the restart.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { callable, ORDER, testPizzeria } from './test-pizzeria.ts';

const PROGRAM = `
  const { startPizzeria, QUIET_INSTRUMENTS } = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
  const running = await startPizzeria({ host: '127.0.0.1', port: 0, dataDir: process.argv[1], instruments: QUIET_INSTRUMENTS });
  console.log(running.address);
`;

test('killed while customers order, the pizzeria keeps every order that it acknowledged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mario-durability-'));
  try {
    const acknowledged = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const line = once(createInterface(child.stdout), 'line');
      const died = once(child, 'exit').then(() => Promise.reject(new Error('the pizzeria did not start')));
      died.catch(() => {});
      const [address] = (await Promise.race([line, died])) as [string];
      const pizzeria = callable({ address, close: async () => {} });
      const customers = Array.from({ length: 4 }, async (_, customer) => {
        for (let index = 0; ; index += 1) {
          const headers = { 'idempotency-key': `${round}-${customer}-${index}` };
          const { body } = await pizzeria.call('POST', '/api/orders/', ORDER, headers);
          acknowledged.add(body.id);
          if (acknowledged.size === (round + 1) * 25) child.kill('SIGKILL');
        }
      });
      await Promise.allSettled(customers);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }

    const pizzeria = await testPizzeria({ dataDir: folder });
    const { body } = await pizzeria.call('GET', '/api/orders/?limit=999');
    const found = new Set(body.map((order: { id: string }) => order.id));
    for (const id of acknowledged) assert.ok(found.has(id), `order ${id} was acknowledged and is gone`);
    // At most the four requests in flight at each kill were written without their answer arriving.
    assert.ok(found.size <= acknowledged.size + 12);
    assert.ok(acknowledged.size >= 75);
    await pizzeria.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
