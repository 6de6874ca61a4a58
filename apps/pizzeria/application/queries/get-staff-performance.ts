// GetStaffPerformance: what each cook and each driver did, and how well.

import { cookingPromiseMs } from '../../domain/kitchen.ts';
import { query } from '../operation.ts';
import { checkPeriod, type Period, sinceOf } from '../period.ts';

export interface StaffPerformance {
  readonly sinceMs: number;
  readonly cooks: readonly {
    /** Null stands for orders that were cooked without saying by whom. */
    readonly cookId: string | null;
    readonly orders: number;
    readonly cookingMs: number;
    /** 0 to 1. */
    readonly withinPromise: number;
  }[];
  readonly drivers: readonly {
    readonly driverId: string;
    readonly orders: number;
    readonly drivingMs: number;
    /** 0 to 1. */
    readonly onTime: number;
  }[];
}

export const GetStaffPerformance = query<Period, StaffPerformance>('GetStaffPerformanceQuery', {
  check: checkPeriod,

  async handle(input, context) {
    const sinceMs = sinceOf(input, context.nowMs);
    const cooked = await context.orders.cookingSince(sinceMs, cookingPromiseMs(context.promiseMs));
    const delivered = await context.orders.deliveriesSince(sinceMs);
    const busiest = (left: { orders: number }, right: { orders: number }) => right.orders - left.orders;
    return {
      sinceMs,
      cooks: cooked.toSorted(busiest).map(({ cookId, orders, cookingMs, withinPromise }) => ({
        cookId,
        orders,
        cookingMs: cookingMs / orders,
        withinPromise: withinPromise / orders,
      })),
      drivers: delivered.toSorted(busiest).map(({ driverId, orders, drivingMs, onTime }) => ({
        driverId,
        orders,
        drivingMs: drivingMs / orders,
        onTime: onTime / orders,
      })),
    };
  },
});
