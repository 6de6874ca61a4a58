import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WalSync } from './wal-sync.ts';

test('commits that come during a sync share the next one, and nobody goes on before', async () => {
  const syncs: (() => void)[] = [];
  const wal = new WalSync(() => new Promise((resolve) => syncs.push(resolve)));
  const acknowledged: string[] = [];
  const commit = (name: string) => {
    wal.noteCommit();
    return wal.durable().then(() => acknowledged.push(name));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const all = [commit('first')];
  await settled();
  all.push(commit('second'), commit('third'), commit('fourth'));
  await settled();
  assert.deepEqual([syncs.length, acknowledged], [1, []]);
  syncs.shift()!();
  await settled();
  assert.deepEqual([syncs.length, acknowledged], [1, ['first']], 'the others committed after that sync began');
  syncs.shift()!();
  await Promise.all(all);
  assert.deepEqual([syncs.length, acknowledged.length], [0, 4]);
  await wal.durable();
  assert.equal(syncs.length, 0, 'what wrote nothing waits for nothing');
});

test('what the disk refuses is not acknowledged, and tried again by the next', async () => {
  let broken = true;
  const wal = new WalSync(async () => {
    if (broken) throw new Error('EIO');
  });
  wal.noteCommit();
  await assert.rejects(wal.durable(), /EIO/);
  broken = false;
  await wal.durable();
});
