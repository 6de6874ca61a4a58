// Writes the customer a notification when the order moves on.

import { notificationText } from '../../domain/notification.ts';
import type { Reaction } from '../reaction.ts';

export const notifyCustomer: Reaction = {
  name: 'notify-customer',
  events: ['OrderConfirmed', 'CookingStarted', 'OrderReady', 'OrderAssigned', 'OrderDelivered', 'OrderCancelled'],

  async write(envelope, session, nowMs) {
    const { event } = envelope;
    if (!('orderId' in event)) return;
    const text = notificationText(event.type);
    const order = await session.orders.find(event.orderId);
    if (text === undefined || order === undefined) return;
    const { customerId, profileId } = order;
    await session.notifications.insert({
      id: envelope.id,
      customerId,
      orderId: order.id,
      profileId,
      text,
      createdAtMs: nowMs,
      dismissedAtMs: null,
    });
  },
};
