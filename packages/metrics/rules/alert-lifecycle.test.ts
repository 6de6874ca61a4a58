import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../model/labels.ts';
import { type Alert, evolveAlerts, needsSending, RESOLVED_RETENTION_MS, restoreAlert } from './alert-lifecycle.ts';

const labels = Labels.from({ alertname: 'A', instance: 'x' });
const found = (value = 1) => [{ labels, annotations: Labels.EMPTY, value }];
const MINUTE = 60_000;

/** Runs evaluations, each at a minute: true where the condition holds. */
function run(held: readonly boolean[], times: { forMs: number; keepFiringForMs: number }) {
  let alerts: ReadonlyMap<string, Alert> = new Map();
  return held.map((holds, minute) => {
    alerts = evolveAlerts(alerts, holds ? found(minute) : [], minute * MINUTE, times);
    return alerts.get(labels.key);
  });
}

test('given a condition that holds for the whole time, the alert waits for `for` and fires', () => {
  const phases = run([true, true, true], { forMs: 2 * MINUTE, keepFiringForMs: 0 }).map((alert) => alert?.phase);
  assert.deepEqual(phases, ['pending', 'pending', 'firing']);
});

test('given a gap while pending, it is forgotten and starts anew', () => {
  const alerts = run([true, false, true], { forMs: 2 * MINUTE, keepFiringForMs: 0 });
  assert.equal(alerts[1], undefined);
  assert.equal(alerts[2]!.activeAtMs, 2 * MINUTE);
});

test('without `for` it fires at once, is resolved when the condition ends, and is remembered for a while', () => {
  const times = { forMs: 0, keepFiringForMs: 0 };
  const alerts = run([true, false, false], times);
  assert.deepEqual(
    alerts.map((alert) => alert?.phase),
    ['firing', 'inactive', 'inactive'],
  );
  assert.equal(alerts[1]!.resolvedAtMs, MINUTE);
  const later = evolveAlerts(new Map([[labels.key, alerts[2]!]]), [], MINUTE + RESOLVED_RETENTION_MS + 1, times);
  assert.equal(later.size, 0);
});

test('`keep_firing_for` bridges gaps and ends after its time', () => {
  const alerts = run([true, false, true, false, false, false], { forMs: 0, keepFiringForMs: 2 * MINUTE });
  assert.deepEqual(
    alerts.map((alert) => [alert?.phase, alert?.keepFiringSinceMs]),
    [
      ['firing', 0],
      ['firing', MINUTE],
      ['firing', 0],
      ['firing', 3 * MINUTE],
      ['firing', 3 * MINUTE],
      ['inactive', 3 * MINUTE],
    ],
  );
});

test('receivers hear of it when it fires, again after the delay, and when it is resolved', () => {
  const firing = run([true], { forMs: 0, keepFiringForMs: 0 })[0]!;
  const sent = { ...firing, lastSentMs: 5 * MINUTE };
  assert.equal(needsSending(sent, 5 * MINUTE + 1, MINUTE), false);
  assert.equal(needsSending(sent, 6 * MINUTE + 1, MINUTE), true);
  assert.equal(
    needsSending({ ...sent, phase: 'inactive', resolvedAtMs: 5 * MINUTE + 1 }, 5 * MINUTE + 2, MINUTE),
    true,
  );
  assert.equal(needsSending({ ...firing, phase: 'pending' }, 99 * MINUTE, MINUTE), false);
});

test('a restart neither forgets how long an alert waited nor fires it before its grace', () => {
  const alert = { ...run([true], { forMs: 30 * MINUTE, keepFiringForMs: 0 })[0]!, activeAtMs: 100 * MINUTE };
  const nowMs = 100 * MINUTE;
  const restore = (activeAtMs: number, lastSeenMs: number) =>
    restoreAlert(alert, { activeAtMs, lastSeenMs }, nowMs, 30 * MINUTE, 10 * MINUTE).activeAtMs;
  assert.equal(restore(10 * MINUTE, 50 * MINUTE), 10 * MINUTE, 'it was firing already');
  assert.equal(restore(70 * MINUTE, 95 * MINUTE), 80 * MINUTE, 'five minutes were left, the grace gives ten');
  assert.equal(restore(80 * MINUTE, 90 * MINUTE), 90 * MINUTE, 'the time that the server was away does not count');
});
