// The named rules of the house: what the domain refuses, under which name, and what that says to people.

/**
 * `invalid` rules are about the request itself and fail whenever it is sent (HTTP 422);
 * `conflict` rules are about the present state and may hold later (HTTP 409).
 */
export type RuleKind = 'invalid' | 'conflict';

/** Every rule by name. The name is stable: clients, metrics (`rule`) and documentation use it. */
export const BUSINESS_RULES = {
  'order-not-empty': { kind: 'invalid', title: 'An order needs at least one pizza' },
  'order-not-too-large': { kind: 'invalid', title: 'The order is larger than the kitchen can promise' },
  'pizza-known': { kind: 'invalid', title: 'The pizza is not on the menu' },
  'pizza-available': { kind: 'conflict', title: 'The pizza is sold out' },
  'size-known': { kind: 'invalid', title: 'Pizzas come small, medium or large' },
  'topping-known': { kind: 'invalid', title: 'The topping is not in the house' },
  'topping-unavailable': { kind: 'conflict', title: 'The topping is out of season' },
  'quantity-positive': { kind: 'invalid', title: 'The quantity must be a whole number from 1 to 50' },
  'payment-method-known': { kind: 'invalid', title: 'Payment is by card or cash' },
  'customer-name-required': { kind: 'invalid', title: 'A name is required' },
  'phone-valid': { kind: 'invalid', title: 'A phone number has 6 to 15 digits' },
  'email-valid': { kind: 'invalid', title: 'The e-mail address is not valid' },
  'address-required-for-delivery': { kind: 'invalid', title: 'A delivery needs an address' },
  'driver-required': { kind: 'invalid', title: 'A driver is required' },
  'cancel-reason-required': { kind: 'invalid', title: 'A cancellation needs a reason' },
  'status-known': { kind: 'invalid', title: 'The status is not one that an order can have' },
  'idempotency-key-reused': { kind: 'invalid', title: 'The idempotency key belongs to a different order' },
  'order-transition-allowed': { kind: 'conflict', title: 'The order cannot take this step now' },
  'oven-still-baking': { kind: 'conflict', title: 'The order is not done yet' },
  'driver-still-underway': { kind: 'conflict', title: 'The driver is not at the door yet' },
  'fault-value-in-range': { kind: 'invalid', title: 'The fault cannot be that strong' },
  'kitchen-at-capacity': { kind: 'conflict', title: 'Every oven is in use' },
  'driver-own-tour': { kind: 'conflict', title: 'A driver takes orders on the own tour only' },
  'cook-valid': { kind: 'invalid', title: 'The cook is not a name of the house' },
  'pizza-name-required': { kind: 'invalid', title: 'A pizza needs a name' },
  'pizza-description-short': { kind: 'invalid', title: 'The description does not fit on the menu' },
  'pizza-toppings-named': { kind: 'invalid', title: 'The toppings are not such that fit on the menu' },
  'price-sensible': { kind: 'invalid', title: 'The price is not one that a pizza can have' },
  'pizza-name-free': { kind: 'conflict', title: 'A pizza of this name is on the menu' },
  'menu-not-empty': { kind: 'conflict', title: 'The last pizza stays on the menu' },
  'menu-not-too-long': { kind: 'conflict', title: 'The menu is full' },
  'login-valid': { kind: 'invalid', title: 'The login is not one' },
  'login-taken': { kind: 'conflict', title: 'The login belongs to somebody else' },
  'password-strong-enough': { kind: 'invalid', title: 'The password is too easy to guess' },
  'role-known': { kind: 'invalid', title: 'The role is not one of the house' },
  'profile-once': { kind: 'conflict', title: 'The account has a profile already' },
  'profile-required': { kind: 'invalid', title: 'The account has no customer profile' },
  'period-valid': { kind: 'invalid', title: 'The period is not one that can be shown' },
  'event-parked': { kind: 'conflict', title: 'The event is not parked' },
  'driver-tour-full': { kind: 'conflict', title: 'The driver carries as many orders as a tour may have' },
} as const satisfies Record<string, { kind: RuleKind; title: string }>;

export type RuleName = keyof typeof BUSINESS_RULES;

/** Thrown by the domain when a rule does not hold; nothing has changed when it is thrown. */
export class RuleViolation extends Error {
  readonly rule: RuleName;
  /** The rule's name again, under the property by which telemetry tells errors apart. */
  readonly code: string;
  readonly kind: RuleKind;

  /** `detail` tells the person what was wrong and what would be right; it must hold no personal data. */
  constructor(rule: RuleName, detail: string) {
    super(detail);
    this.name = 'RuleViolation';
    this.rule = rule;
    this.code = rule;
    this.kind = BUSINESS_RULES[rule].kind;
  }
}

/** Throws the named violation unless the condition holds. */
export function requireRule(condition: boolean, rule: RuleName, detail: string): asserts condition {
  if (!condition) throw new RuleViolation(rule, detail);
}
