// RevokeCredentials: somebody leaves; everything that came from that login ends.

import { command } from '../operation.ts';

export const RevokeCredentials = command<{ readonly family: string }, void>('RevokeCredentialsCommand', {
  handle: ({ family }, context) => context.credentials.removeFamily(family),
});
