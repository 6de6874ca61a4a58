// GetMenu: every pizza, in the order in which the menu shows them.

import type { Pizza } from '../../domain/pizza.ts';
import { query } from '../operation.ts';

export const GetMenu = query<void, readonly Pizza[]>('GetMenuQuery', {
  handle: (_input, context) => context.menuCache.all(() => context.menu.all()),
});
