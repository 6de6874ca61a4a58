// GetNotifications: what the customer was told of an order, oldest first.

import type { Notification } from '../../domain/notification.ts';
import { query } from '../operation.ts';
import { loadOrder, type OrderReference } from '../order-step.ts';

export const GetNotifications = query<OrderReference, Notification[]>('GetNotificationsQuery', {
  async handle(input, context) {
    const order = await loadOrder(input, context);
    return context.notifications.ofOrder(order.id);
  },
});
