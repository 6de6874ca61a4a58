// GetOrdersByCustomer: the orders of one phone number, newest first.

import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';
import { checkListing, type ListOrdersInput, listOrders } from '../order-listing.ts';

export const GetOrdersByCustomer = query<ListOrdersInput & { readonly customerId: string }, Order[]>(
  'GetOrdersByCustomerQuery',
  {
    check: checkListing,
    handle: listOrders,
  },
);
