// GetCustomerNotifications: what a customer with a profile was told and has not put away, newest first.

import type { Notification } from '../../domain/notification.ts';
import { query } from '../operation.ts';

/** More than this is not read. */
const NOTIFICATIONS_MAX = 100;

export const GetCustomerNotifications = query<{ readonly profileId: string }, Notification[]>(
  'GetCustomerNotificationsQuery',
  { handle: (input, context) => context.notifications.openOfProfile(input.profileId, NOTIFICATIONS_MAX) },
);
