// A customer's phone number, by which the pizzeria recognises who is ordering.

import { requireRule } from './business-rule.ts';

/** E.164 allows 15 digits; fewer than 6 cannot be dialled from outside. */
const DIGITS_MIN = 6;
const DIGITS_MAX = 15;

/** Brings a number into the one form that is compared and stored: an optional `+` and digits. */
export function normalisePhone(text: string): string {
  const trimmed = text.trim();
  const digits = trimmed.replaceAll(/[\s().\-/]/g, '');
  const form = /^\+?\d+$/.test(digits);
  const count = digits.startsWith('+') ? digits.length - 1 : digits.length;
  requireRule(
    form && count >= DIGITS_MIN && count <= DIGITS_MAX,
    'phone-valid',
    `A phone number has ${DIGITS_MIN} to ${DIGITS_MAX} digits and may hold +, blanks, dots, hyphens and brackets.`,
  );
  return digits;
}
