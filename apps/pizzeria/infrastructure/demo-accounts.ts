// The accounts that a new pizzeria opens with, so that every page can be tried: each password is the login.
//
// The hashes stand here because computing them would be the slowest part of a first start; nothing is given away, the
// passwords are in the README. They are refused wherever the pizzeria is reached from other machines.

import type { Account } from '../domain/account.ts';

type DemoAccount = Pick<Account, 'id' | 'login' | 'name' | 'roles' | 'kind' | 'passwordHash'>;

const HASH = '$argon2id$v=19$m=19456,t=2,p=1';

export const DEMO_ACCOUNTS: readonly DemoAccount[] = [
  {
    id: 'demo-mario',
    login: 'mario',
    name: 'Mario',
    roles: ['manager'],
    kind: 'person',
    passwordHash: `${HASH}$rRJwSizMOToVsnKKCFCXRg$jsjdXNfjpaNKkwfMq5L2BJQjPCICHCLnLbCCo383ocw`,
  },
  {
    id: 'demo-luigi',
    login: 'luigi',
    name: 'Luigi',
    roles: ['chef'],
    kind: 'person',
    passwordHash: `${HASH}$fJJe09aMj/9TYvzqBg0dMQ$eYvW7SNB6+z7cj+ya95/uLCsts1kSbhz7Gu/xWknKqw`,
  },
  {
    id: 'demo-enzo',
    login: 'enzo',
    name: 'Enzo',
    roles: ['driver'],
    kind: 'person',
    passwordHash: `${HASH}$EU0y1jBHDl63TRQYnMyWpA$8NEGnQPGL0hAPiIkQze+B3ypxZ9f+BezGpgjqhAfMyY`,
  },
  {
    id: 'demo-ada',
    login: 'ada',
    name: 'Ada Rossi',
    roles: ['customer'],
    kind: 'person',
    passwordHash: `${HASH}$ToVR450gBQPB4swN9ytLQg$wzNeiMv2Xwrlo204LnqO6ylV7k5Ld/ApOOlqj3oPkUc`,
  },
  {
    id: 'demo-traffic',
    login: 'traffic',
    name: 'The simulated world',
    roles: ['chef', 'driver', 'manager'],
    kind: 'service',
    passwordHash: `${HASH}$bbgSUHM9BOX+3DU2Vu9lpw$N1lHDD4PhqA6Bo+uMepriiXl/XKZEFN657tEOr2qCiM`,
  },
];

export const DEMO_PROFILE = {
  id: 'demo-ada-profile',
  accountId: 'demo-ada',
  name: 'Ada Rossi',
  phone: '+15550134',
  address: '12 Via Toledo',
} as const;
