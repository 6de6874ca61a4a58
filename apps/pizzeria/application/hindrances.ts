// What may go wrong on purpose, asked where it would act. The application knows these questions and nothing of flags.

/** At once while nothing is switched on; a promise when a flag has to be evaluated. */
export type Answer<T> = T | Promise<T>;

export interface Hindrances {
  /** How long the order must stay in the oven at least. */
  bakingMs(orderId: string): Answer<number>;
  /** How long the way to the door takes at least. */
  drivingMs(orderId: string): Answer<number>;
  /** True while nobody takes events from the outbox. */
  holdsEvents(): Answer<boolean>;
  /** True while the cache of the menu does not answer. */
  breaksMenuCache(): Answer<boolean>;
  /** True while the house claims not to be ready. */
  isNotReady(): Answer<boolean>;
  /** True when this card is to be declined. */
  declinesPayment(orderId: string): Answer<boolean>;
  /** True while no call reaches the payment provider. */
  cutsPayment(orderId: string): Answer<boolean>;
}

/** A house in which nothing goes wrong on purpose. */
export const NO_HINDRANCES: Hindrances = {
  bakingMs: () => 0,
  drivingMs: () => 0,
  holdsEvents: () => false,
  breaksMenuCache: () => false,
  isNotReady: () => false,
  declinesPayment: () => false,
  cutsPayment: () => false,
};
