// Money is an integer count of cents; no floating-point amount exists anywhere in the pizzeria.

/** An amount in cents of US dollars, a safe integer. */
export type Cents = number;

/** The largest amount that an order may reach; above it lies a typing error, not a hungry customer. */
export const ORDER_TOTAL_CENTS_MAX: Cents = 1_000_000;

/** Food prices include this tax, in tenths of a per cent (8.0 %). */
const TAX_PER_MILLE = 80;

/** Multiplies an amount by a factor given in tenths, rounding half up: 1299 × 13/10 is 1689. */
export function timesTenths(amountCents: Cents, tenths: number): Cents {
  return Math.floor((amountCents * tenths + 5) / 10);
}

/**
 * The tax that a tax-inclusive amount contains, rounded half up to a cent. It is taken once from the total and not from
 * each line, so that no cents appear or vanish by adding rounded parts.
 */
export function taxIncludedIn(amountCents: Cents): Cents {
  const divisor = 1000 + TAX_PER_MILLE;
  return Math.floor((amountCents * TAX_PER_MILLE + divisor / 2) / divisor);
}

/** Writes an amount for people: 2328 becomes `$23.28`, 1234500 becomes `$12,345.00`. */
export function formatCents(amountCents: Cents): string {
  const sign = amountCents < 0 ? '-' : '';
  const absolute = Math.abs(amountCents);
  const dollars = String(Math.floor(absolute / 100)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}$${dollars}.${String(absolute % 100).padStart(2, '0')}`;
}
