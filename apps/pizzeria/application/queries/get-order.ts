// GetOrderById: one order as it stands.

import type { Order } from '../../domain/order.ts';
import { query } from '../operation.ts';
import { loadOrder } from '../order-step.ts';

export const GetOrder = query<{ readonly orderId: string }, Order>('GetOrderByIdQuery', {
  handle: (input, context) => loadOrder(input, context),
});
