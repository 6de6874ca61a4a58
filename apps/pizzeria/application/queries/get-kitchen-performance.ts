// GetKitchenPerformance: how fast the kitchen was, and how often it kept its promise.

import { cookingPromiseMs } from '../../domain/kitchen.ts';
import { query } from '../operation.ts';
import { checkPeriod, type Period, sinceOf } from '../period.ts';

export interface KitchenPerformance {
  readonly sinceMs: number;
  readonly orders: number;
  /** Means; null when nothing was cooked. */
  readonly cookingMs: number | null;
  readonly waitingMs: number | null;
  readonly cookingMsMax: number | null;
  /** 0 to 1; null when nothing was cooked. */
  readonly withinPromise: number | null;
  readonly promiseMs: number;
}

export const GetKitchenPerformance = query<Period, KitchenPerformance>('GetKitchenPerformanceQuery', {
  check: checkPeriod,

  async handle(input, context) {
    const sinceMs = sinceOf(input, context.nowMs);
    const records = await context.orders.cookingSince(sinceMs, cookingPromiseMs(context.promiseMs));
    const sum = (of: (record: (typeof records)[number]) => number) =>
      records.reduce((total, record) => total + of(record), 0);
    const orders = sum((record) => record.orders);
    const mean = (total: number) => (orders === 0 ? null : total / orders);
    return {
      sinceMs,
      orders,
      cookingMs: mean(sum((record) => record.cookingMs)),
      waitingMs: mean(sum((record) => record.waitingMs)),
      cookingMsMax: orders === 0 ? null : Math.max(...records.map((record) => record.cookingMsMax)),
      withinPromise: mean(sum((record) => record.withinPromise)),
      promiseMs: cookingPromiseMs(context.promiseMs),
    };
  },
});
