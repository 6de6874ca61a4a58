// GetTopCustomers: who spent most in a period.

import { query } from '../operation.ts';
import { checkPeriod, type Period, sinceOf } from '../period.ts';
import type { CustomerRecord } from '../session.ts';

export interface TopCustomersInput extends Period {
  readonly limit: number;
}

export const GetTopCustomers = query<TopCustomersInput, readonly CustomerRecord[]>('GetTopCustomersQuery', {
  check: checkPeriod,
  handle: (input, context) => context.orders.topCustomersSince(sinceOf(input, context.nowMs), input.limit),
});
