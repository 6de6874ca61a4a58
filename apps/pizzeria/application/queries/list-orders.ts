// GetOrdersByStatus: orders by status, newest first, a page at a time.

import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';
import { checkListing, type ListOrdersInput, listOrders } from '../order-listing.ts';

export const ListOrders = query<ListOrdersInput, Order[]>('GetOrdersByStatusQuery', {
  check: checkListing,
  handle: listOrders,
});
