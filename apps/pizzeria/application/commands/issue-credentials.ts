// IssueCredentials: an account proved itself; what it holds from now on is noted by hash.

import { command } from '../operation.ts';
import type { Credential } from '../session.ts';

export const IssueCredentials = command<{ readonly credentials: readonly Credential[] }, void>(
  'IssueCredentialsCommand',
  {
    async handle({ credentials }, context) {
      for (const credential of credentials) await context.credentials.insert(credential);
    },
  },
);
