// GetOrderTimeSeries: orders and money in steps of an hour or a day, without a gap.

import { requireRule } from '../../domain/business-rule.ts';
import { HOUR_MS, type HourOfSales, hourOf } from '../../domain/sales.ts';
import { query } from '../operation.ts';
import { DAY_MS } from '../period.ts';

export interface OrderTimeSeriesInput {
  /** The step that this instant lies in is the first one; a day before the end unless said. */
  readonly fromMs?: number | undefined;
  /** The step that this instant lies in is the last one; now unless said. */
  readonly toMs?: number | undefined;
  readonly bucket: 'hour' | 'day';
}

export interface SalesPoint extends Omit<HourOfSales, 'hourMs'> {
  readonly startMs: number;
}

/** A chart with more steps than this shows no step any more. */
const STEPS_MAX = 800;

export const GetOrderTimeSeries = query<OrderTimeSeriesInput, readonly SalesPoint[]>('GetOrderTimeSeriesQuery', {
  async handle({ fromMs, toMs, bucket }, context) {
    const stepMs = bucket === 'hour' ? HOUR_MS : DAY_MS;
    const startOf = (atMs: number) => atMs - (atMs % stepMs);
    const lastMs = startOf(toMs ?? context.nowMs);
    const firstMs = startOf(fromMs ?? (toMs ?? context.nowMs) - DAY_MS);
    const steps = (lastMs - firstMs) / stepMs + 1;
    requireRule(
      steps >= 1 && steps <= STEPS_MAX,
      'period-valid',
      `The period has ${Math.max(0, steps)} steps; it must have 1 to ${STEPS_MAX}. Choose other ends, or days instead of hours.`,
    );
    const points = Array.from({ length: steps }, (_, index) => ({
      startMs: firstMs + index * stepMs,
      orders: 0,
      revenueCents: 0,
      cancelled: 0,
    }));
    for (const hour of await context.sales.hoursSince(hourOf(firstMs), lastMs + stepMs)) {
      const point = points[(startOf(hour.hourMs) - firstMs) / stepMs]!;
      point.orders += hour.orders;
      point.revenueCents += hour.revenueCents;
      point.cancelled += hour.cancelled;
    }
    return points;
  },
});
