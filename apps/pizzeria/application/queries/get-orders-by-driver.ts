// GetOrdersByDriver: the orders that a driver took, newest first.

import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';
import { checkListing, type ListOrdersInput, listOrders } from '../order-listing.ts';

export const GetOrdersByDriver = query<ListOrdersInput & { readonly driverId: string }, Order[]>(
  'GetOrdersByDriverQuery',
  {
    check: checkListing,
    handle: listOrders,
  },
);
