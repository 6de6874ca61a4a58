import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuleViolation } from './business-rule.ts';
import { checkContact, decideCustomer, evolveCustomer } from './customer.ts';

const contact = { name: ' Ada Rossi ', phone: '+1 555 0134', address: '12 Via Toledo', email: 'ada@example.com' };

test('given nobody, when an order comes, then a customer is registered; the next order recognises her', () => {
  const first = decideCustomer(undefined, checkContact(contact), 'c-1', 1000);
  assert.equal(first.type, 'CustomerRegistered');
  const known = evolveCustomer(undefined, first);
  assert.deepEqual([known.name, known.phone, known.ordersPlaced, known.version], ['Ada Rossi', '+15550134', 1, 1]);

  const { email: _left, ...moved } = contact;
  const second = decideCustomer(known, checkContact({ ...moved, address: '3 Via Roma' }), 'c-2', 2000);
  assert.equal(second.type, 'CustomerReturned');
  const returned = evolveCustomer(known, second);
  assert.deepEqual(
    [returned.id, returned.address, returned.email, returned.ordersPlaced, returned.registeredAtMs, returned.seenAtMs],
    ['c-1', '3 Via Roma', 'ada@example.com', 2, 1000, 2000],
  );
});

test('a guest gives a name, a phone, an address, and a mailbox only if it is one', () => {
  const refuses = (rule: string, part: object) =>
    assert.throws(
      () => checkContact({ ...contact, ...part }),
      (error) => error instanceof RuleViolation && error.rule === rule,
    );
  refuses('customer-name-required', { name: '  ' });
  refuses('address-required-for-delivery', { address: '' });
  refuses('phone-valid', { phone: 'home' });
  refuses('email-valid', { email: 'ada' });
  assert.equal(checkContact({ ...contact, email: ' ' }).email, undefined);
});
