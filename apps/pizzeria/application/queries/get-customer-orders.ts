// GetCustomerOrders: the orders of a profile, newest first.

import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';
import { checkListing, type ListOrdersInput, listOrders } from '../order-listing.ts';

export const GetCustomerOrders = query<ListOrdersInput & { readonly profileId: string }, Order[]>(
  'GetCustomerOrdersQuery',
  {
    check: checkListing,
    handle: listOrders,
  },
);
