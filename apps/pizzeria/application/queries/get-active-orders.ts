// GetActiveOrders: everything that somebody still works on, newest first.

import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';
import { checkListing, type ListOrdersInput, listOrders } from '../order-listing.ts';

export const GetActiveOrders = query<Omit<ListOrdersInput, 'status'>, Order[]>('GetActiveOrdersQuery', {
  check: checkListing,
  handle: (input, context) => listOrders({ ...input, status: 'active' }, context),
});
