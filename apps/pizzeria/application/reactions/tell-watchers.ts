// Wakes the pages that watch an order or a board.

import type { OrderFeed } from '../order-feed.ts';
import type { Reaction } from '../reaction.ts';

export function tellWatchers(feed: OrderFeed): Reaction {
  return {
    name: 'tell-watchers',
    events: 'all',

    tell({ event }) {
      if ('orderId' in event) feed.publish(event.orderId);
    },
  };
}
