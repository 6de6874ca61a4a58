import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Firing, formatReport, reportOf } from './day-report.ts';
import { FAULTY_DAY_MS_MIN, scheduleOf } from './fault-schedule.ts';
import { switchFault } from './fault-switch.ts';

const MINUTE_MS = 60_000;

test('the same seed gives the same day of faults, each of the ten once, and no pair that hides one another', () => {
  assert.deepEqual(scheduleOf(42, FAULTY_DAY_MS_MIN, 60), scheduleOf(42, FAULTY_DAY_MS_MIN, 60));
  assert.notDeepEqual(scheduleOf(42, FAULTY_DAY_MS_MIN, 60), scheduleOf(43, FAULTY_DAY_MS_MIN, 60));
  for (let seed = 0; seed < 300; seed += 1) {
    const slots = scheduleOf(seed, FAULTY_DAY_MS_MIN, 60);
    assert.equal(new Set(slots.map(({ name }) => name)).size, 10);
    for (const { name, fromMs, untilMs } of slots) {
      assert.ok(fromMs >= 2 * MINUTE_MS && untilMs <= FAULTY_DAY_MS_MIN - MINUTE_MS, `seed ${seed}, ${name}`);
      const beside = slots.filter((slot) => slot.fromMs <= fromMs && slot.untilMs > fromMs).map((slot) => slot.name);
      assert.ok(beside.length <= 3, `seed ${seed}: ${beside.join(', ')}`);
      assert.ok(!(beside.includes('payment-failing') && beside.includes('payment-unreachable')));
      assert.ok(!(beside.includes('slow-delivery') && beside.includes('event-backlog')));
    }
  }
});

test('a slower day has the same faults with longer pauses; a faster one is refused', () => {
  const [hour] = scheduleOf(1, 10 * FAULTY_DAY_MS_MIN, 6);
  const [usual] = scheduleOf(1, FAULTY_DAY_MS_MIN, 60);
  assert.equal(hour!.untilMs - hour!.fromMs, usual!.untilMs - usual!.fromMs);
  assert.equal(hour!.fromMs, 10 * usual!.fromMs);
  assert.throws(() => scheduleOf(1, FAULTY_DAY_MS_MIN - 1, 61), /24 minutes/);
});

test('a fault is switched on as soon as a busy pizzeria answers, for what is left of its time; a refusal is final', async () => {
  const switchWith = async (statuses: number[]) => {
    let nowMs = 0;
    const asked: object[] = [];
    const put = async (_path: string, body?: object) => {
      asked.push(body!);
      const status = statuses.shift() ?? 200;
      if (status === 0) nowMs += 10_000;
      return { status, body: undefined };
    };
    await switchFault({ name: 'event-backlog', fromMs: MINUTE_MS, untilMs: 2 * MINUTE_MS }, { put } as never, {
      sinceBegin: () => nowMs,
      pauseMs: async (ms) => void (nowMs += ms),
      log: { info() {}, warn() {} },
      signal: new AbortController().signal,
    });
    assert.equal(nowMs, 2 * MINUTE_MS);
    return asked;
  };
  const on = (forSeconds: number) => ({ on: true, forSeconds });
  assert.deepEqual(await switchWith([0, 0, 200]), [on(60), on(50), on(40), { on: false }]);
  assert.deepEqual(await switchWith([403]), [on(60), { on: false }]);
});

const SLOTS = [{ name: 'slow-oven', fromMs: 2 * MINUTE_MS, untilMs: 8 * MINUTE_MS }];
const KNOWN = [{ name: 'slow-oven', alert: 'KitchenOverloaded', consequences: ['KitchenLate'] }];
const firing = (alert: string, fromMinute: number, untilMinute: number): Firing => ({
  alert,
  fromMs: fromMinute * MINUTE_MS,
  untilMs: untilMinute * MINUTE_MS,
});

test('a day is as expected when each fault fired its alert and nothing fired without a reason', () => {
  const report = reportOf(1, SLOTS, KNOWN, [firing('KitchenOverloaded', 6, 9), firing('KitchenLate', 10, 12)]);
  assert.deepEqual(
    [report.asExpected, report.faults[0]!.firedAfterMs, report.consequences.length, report.unexpected.length],
    [true, 4 * MINUTE_MS, 1, 0],
  );
  assert.match(formatReport(report), /02:00–08:00 {2}slow-oven +KitchenOverloaded +fired after 04:00/);
});

test('an alert that did not fire, fired too late or without a reason is told', () => {
  const silent = reportOf(1, SLOTS, KNOWN, []);
  assert.equal(silent.asExpected, false);
  assert.match(formatReport(silent), /DID NOT FIRE/);
  assert.equal(reportOf(1, SLOTS, KNOWN, [firing('KitchenOverloaded', 10, 11)]).faults[0]!.firedAfterMs, null);
  const early = reportOf(1, SLOTS, KNOWN, [firing('KitchenOverloaded', 6, 9), firing('KitchenLate', 1, 3)]);
  assert.deepEqual([early.unexpected.length, early.asExpected], [1, false]);
  assert.match(formatReport(early), /Unexpected\n {2}01:00–03:00 {2}KitchenLate/);
});
