// GetNotifications: what a customer was told, newest first.

import type { Notification } from '../../domain/notification.ts';
import { query } from '../operation.ts';

const NOTIFICATIONS_MAX = 50;

export const GetNotifications = query<{ readonly customerId: string }, Notification[]>('GetNotificationsQuery', {
  handle: (input, context) => context.notifications.ofCustomer(input.customerId, NOTIFICATIONS_MAX),
});
