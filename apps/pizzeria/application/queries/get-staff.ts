// GetStaff: the accounts of those who work here.

import type { Account } from '../../domain/account.ts';
import { query } from '../operation.ts';

export const GetStaff = query<void, Account[]>('GetStaffQuery', {
  handle: (_input, context) => context.accounts.staff(),
});
