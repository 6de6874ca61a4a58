import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openMemoryDirectory } from '@mario/storage';
import { createMatcher } from './matcher.ts';
import { HISTORY_MAX, NotifyState, RETENTION_MS } from './notify-state.ts';
import type { Silence } from './silence.ts';

const NOW = Date.UTC(2026, 0, 1);

function silence(id: string, endsAtMs: number): Silence {
  const matchers = [createMatcher('a', '=~', 'x|y')];
  return { id, matchers, startsAtMs: NOW, endsAtMs, updatedAtMs: NOW, createdBy: 'me', comment: 'c'.repeat(1_000) };
}

const message = (atMs: number) => ({
  atMs,
  receiver: 'r',
  status: 'firing' as const,
  groupLabels: {},
  alertNames: ['A'],
  firingCount: 1,
  resolvedCount: 0,
  outcome: 'sent' as const,
  error: '',
});

async function bench() {
  const directory = openMemoryDirectory();
  const clock = new FakeClock(NOW);
  return { directory, clock, open: () => NotifyState.open({ directory, clock, log: silentLog }) };
}

test('what was kept is there after an end without a goodbye, once, also when the log was cut meanwhile', async () => {
  const { directory, open } = await bench();
  const state = await open();
  for (let i = 0; i < 1_500; i++) {
    await state.putSilence(silence(`s${i % 10}`, NOW + i));
    await state.putTold({ key: `k${i % 7}`, firing: [`f${i}`], resolved: [], atMs: NOW + i, expiresAtMs: NOW + 1e9 });
    await state.addMessage(message(NOW + i));
  }
  assert.ok((await directory.list()).includes('state.json'));
  const again = await open();
  assert.equal(again.silences.size, 10);
  assert.equal(again.silences.get('s9')!.endsAtMs, NOW + 1_499);
  assert.equal(again.silences.get('s9')!.matchers[0]!.matches('y'), true);
  assert.deepEqual(again.told('k1')!.firing, ['f1499']);
  assert.deepEqual(
    again.history.map(({ atMs }) => atMs - NOW),
    Array.from({ length: HISTORY_MAX }, (_, i) => 1_500 - HISTORY_MAX + i),
  );
});

test('what ended long ago is forgotten; a damaged state is set aside and the log goes on', async () => {
  const { directory, clock, open } = await bench();
  const state = await open();
  await state.putSilence(silence('old', NOW + 1));
  await state.putSilence(silence('new', NOW + RETENTION_MS));
  await clock.advance(RETENTION_MS + 10);
  state.collect();
  assert.deepEqual([...state.silences.keys()], ['new']);
  await state.close();
  await directory.writeAtomic('state.json', [Buffer.from('{"version": 1, "silences": [')]);
  const again = await open();
  assert.deepEqual([...again.silences.keys()], ['new']);
  assert.deepEqual(await directory.listDirectories(), ['quarantine', 'wal']);
  await again.close();
});
