// JSON schemas of orders and the menu: what Fastify checks the shape of requests by, and what the OpenAPI document shows.
//
// Shape is checked here (status 400); whether a pizza or a size exists is a business rule (422), so that the rule's
// name reaches the client and the metrics. The OpenAPI document lists the values that the rules accept.

import { ORDER_STATUSES, PAYMENT_METHODS } from '../domain/order.ts';
import { PIZZA_SIZES } from '../domain/pizza.ts';
import { cents, count, exactly, instant, listOf, maybeInstant, maybeText, text } from './schema-parts.ts';

export const contact = {
  type: 'object',
  required: ['name', 'phone', 'address'],
  properties: {
    name: { type: 'string', examples: ['Ada Rossi'] },
    phone: { type: 'string', description: '6 to 15 digits', examples: ['+1 555 0134'] },
    address: { type: 'string', examples: ['12 Via Toledo'] },
    email: { type: 'string', examples: ['ada@example.com'] },
  },
} as const;

export const orderRequest = {
  type: 'object',
  required: ['items', 'paymentMethod'],
  properties: {
    customer: { ...contact, description: 'Who orders; an account with a profile may leave it out' },
    items: {
      type: 'array',
      description: 'At least one line',
      items: {
        type: 'object',
        required: ['pizza', 'size', 'quantity'],
        properties: {
          pizza: { type: 'string', description: 'Name or id on the menu', examples: ['Margherita'] },
          size: { type: 'string', description: `One of ${PIZZA_SIZES.join(', ')}`, examples: ['large'] },
          toppings: { type: 'array', items: { type: 'string' }, examples: [['extra cheese']] },
          quantity: { type: 'number', description: 'A whole number from 1 to 50', examples: [1] },
        },
      },
    },
    paymentMethod: { type: 'string', description: `One of ${PAYMENT_METHODS.join(', ')}`, examples: ['card'] },
    notes: { type: 'string', description: 'For the kitchen and the driver, at most 500 characters' },
  },
} as const;

const knownContact = {
  type: 'object',
  required: ['name', 'phone', 'address'],
  additionalProperties: false,
  properties: { name: text, phone: text, address: text, email: text },
} as const;

export const order = exactly({
  id: { type: 'string', format: 'uuid' },
  code: { type: 'string', description: 'Short name for people, not unique for ever' },
  status: { type: 'string', enum: ORDER_STATUSES },
  version: { type: 'integer', description: 'Grows with every change; also the ETag' },
  customer: knownContact,
  items: listOf(
    exactly({
      pizza: text,
      size: { type: 'string', enum: PIZZA_SIZES },
      toppings: listOf(text),
      quantity: { type: 'integer' },
      unitPriceCents: cents,
      totalCents: cents,
    }),
  ),
  totalCents: cents,
  taxIncludedCents: cents,
  refundCents: cents,
  paymentMethod: { type: 'string', enum: PAYMENT_METHODS },
  notes: maybeText,
  cookId: maybeText,
  driverId: maybeText,
  cancelReason: maybeText,
  createdAt: instant,
  promisedAt: instant,
  confirmedAt: maybeInstant,
  cookingAt: maybeInstant,
  readyAt: maybeInstant,
  deliveringAt: maybeInstant,
  deliveredAt: maybeInstant,
  cancelledAt: maybeInstant,
});

export const orders = listOf(order);

export const pizza = exactly({
  id: text,
  name: text,
  description: text,
  priceCents: { ...cents, description: 'Price of a small one in US cents, tax included' },
  toppings: listOf(text),
  available: { type: 'boolean' },
  version: { type: 'integer', description: 'Grows with every change; also the ETag' },
  sizes: listOf(exactly({ size: { type: 'string', enum: PIZZA_SIZES }, priceCents: cents })),
});

export const menu = listOf(pizza);

const pizzaDetails = {
  name: { type: 'string', description: 'Not on the menu yet', examples: ['Quattro Stagioni'] },
  description: { type: 'string', description: 'At most 300 characters' },
  priceCents: { type: 'number', description: 'Price of a small one in US cents, 100 to 20000', examples: [1599] },
  toppings: { type: 'array', items: { type: 'string' }, examples: [['tomato', 'mozzarella', 'ham']] },
  available: { type: 'boolean', description: 'False for sold out' },
} as const;

export const newPizza = { type: 'object', required: ['name', 'priceCents'], properties: pizzaDetails } as const;
export const pizzaChange = { type: 'object', properties: pizzaDetails } as const;
export const pizzaPath = { type: 'object', required: ['id'], properties: { id: text } } as const;

export const toppings = listOf(exactly({ name: text, priceCents: cents, seasonal: { type: 'boolean' } }));

export const notifications = listOf(
  exactly({ id: text, orderId: text, text, createdAt: instant, dismissed: { type: 'boolean' } }),
);

export const assignment = {
  type: ['object', 'null'],
  properties: {
    driverId: {
      type: 'string',
      description: 'A driver who is logged in may leave it out',
      examples: ['driver-1'],
    },
  },
} as const;

export const cooking = {
  type: ['object', 'null'],
  properties: { cookId: { type: 'string', description: 'Who cooks; by default whoever is logged in' } },
} as const;

export const cancellation = {
  type: 'object',
  required: ['reason'],
  properties: { reason: { type: 'string', examples: ['changed my mind'] } },
} as const;

export const statusChange = {
  type: 'object',
  required: ['status'],
  properties: {
    status: {
      type: 'string',
      description: 'cooking, ready, delivering, delivered or cancelled',
      examples: ['cooking'],
    },
    cookId: { type: 'string', description: 'For cooking' },
    driverId: { type: 'string', description: 'For delivering' },
    reason: { type: 'string', description: 'For cancelled' },
  },
} as const;

export const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  additionalProperties: false,
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: text,
    status: { type: 'integer' },
    detail: text,
    instance: { type: 'string', format: 'uri-reference' },
    rule: { type: 'string', description: 'The business rule that was broken' },
    errors: listOf(exactly({ pointer: text, detail: text })),
  },
};

export const orderPath = { type: 'object', required: ['id'], properties: { id: text } } as const;

export const pageQuery = {
  limit: { type: 'string', pattern: '^[1-9][0-9]{0,2}$', description: 'Orders per page, 1 to 999, by default 100' },
  before: { type: 'string', description: 'Continues a page; take it from the Link header' },
} as const;

export const orderQuery = {
  type: 'object',
  properties: {
    status: {
      type: 'string',
      description: `One of ${ORDER_STATUSES.join(', ')}, several with commas, or "active" for all that are not finished`,
    },
    driver: { type: 'string', description: 'Orders of this driver' },
    customer: { type: 'string', description: 'Orders of this customer, by id' },
    pizza: { type: 'string', description: 'Orders with this pizza, by name or id on the menu' },
    ...pageQuery,
  },
} as const;

export const parkedEvents = listOf(
  exactly({
    position: count,
    id: text,
    type: text,
    attempts: count,
    lastError: maybeText,
    raisedAt: instant,
  }),
);
