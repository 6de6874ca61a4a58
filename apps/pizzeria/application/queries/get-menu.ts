// GetMenu: every pizza, in the order in which the menu shows them.

import type { Pizza } from '../../domain/pizza.ts';
import { query } from '../operation.ts';

export const GetMenu = query<void, Pizza[]>('GetMenuQuery', {
  handle: (_input, context) => context.menu.all(),
});
