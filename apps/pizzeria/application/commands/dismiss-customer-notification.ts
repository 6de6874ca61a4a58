// DismissCustomerNotification: a customer has read it and puts it away.

import { NotificationNotFound } from '../failure.ts';
import { command } from '../operation.ts';

export interface DismissNotificationInput {
  readonly notificationId: string;
  /** Who asks; a guest's notification is known only to whoever has the order's link. */
  readonly profileId: string | null;
}

const NOTIFICATION_ID = /^[\w-]{1,64}$/;

export const DismissCustomerNotification = command<DismissNotificationInput, void>(
  'DismissCustomerNotificationCommand',
  {
    async handle({ notificationId, profileId }, context) {
      const known = NOTIFICATION_ID.test(notificationId);
      const notification = known ? await context.notifications.find(notificationId) : undefined;
      const isOwn = notification?.profileId === null || notification?.profileId === profileId;
      if (notification === undefined || !isOwn) throw new NotificationNotFound();
      await context.notifications.dismiss(notification.id, context.nowMs);
    },
  },
);
