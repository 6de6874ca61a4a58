// GetOrdersByPizza: the orders that have a pizza of the menu, newest first.

import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';
import { checkListing, type ListOrdersInput, listOrders } from '../order-listing.ts';

export const GetOrdersByPizza = query<ListOrdersInput & { readonly pizza: string }, Order[]>('GetOrdersByPizzaQuery', {
  check: checkListing,
  handle: listOrders,
});
