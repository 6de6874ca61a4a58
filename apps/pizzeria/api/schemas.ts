// JSON schemas of the API: what Fastify checks the shape of requests by, and what the OpenAPI document shows.
//
// Shape is checked here (status 400); whether a pizza or a size exists is a business rule (422), so that the rule's
// name reaches the client and the metrics. The OpenAPI document lists the values that the rules accept.

import { ORDER_STATUSES, PAYMENT_METHODS } from '../domain/order.ts';
import { PIZZA_SIZES } from '../domain/pizza.ts';

const cents = { type: 'integer', description: 'US cents, tax included' };
const text = { type: 'string' };
const time = { type: ['string', 'null'], format: 'date-time' };

export const orderRequest = {
  type: 'object',
  required: ['customer', 'items', 'paymentMethod'],
  properties: {
    customer: {
      type: 'object',
      required: ['name', 'phone', 'address'],
      properties: {
        name: { type: 'string', examples: ['Ada Rossi'] },
        phone: { type: 'string', description: '6 to 15 digits', examples: ['+1 555 0134'] },
        address: { type: 'string', examples: ['12 Via Toledo'] },
        email: { type: 'string', examples: ['ada@example.com'] },
      },
    },
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

export const order = {
  type: 'object',
  required: ['id', 'code', 'status', 'version', 'customer', 'items', 'totalCents', 'paymentMethod', 'createdAt'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    code: { type: 'string', description: 'Short name for people, not unique for ever' },
    status: { type: 'string', enum: ORDER_STATUSES },
    version: { type: 'integer', description: 'Grows with every change; also the ETag' },
    customer: orderRequest.properties.customer,
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          pizza: text,
          size: { type: 'string', enum: PIZZA_SIZES },
          toppings: { type: 'array', items: text },
          quantity: { type: 'integer' },
          unitPriceCents: cents,
          totalCents: cents,
        },
      },
    },
    totalCents: cents,
    taxIncludedCents: cents,
    refundCents: cents,
    paymentMethod: { type: 'string', enum: PAYMENT_METHODS },
    notes: { type: ['string', 'null'] },
    driverId: { type: ['string', 'null'] },
    cancelReason: { type: ['string', 'null'] },
    createdAt: { type: 'string', format: 'date-time' },
    promisedAt: { type: 'string', format: 'date-time' },
    confirmedAt: time,
    cookingAt: time,
    readyAt: time,
    deliveringAt: time,
    deliveredAt: time,
    cancelledAt: time,
  },
};

export const orders = { type: 'array', items: order };

export const menu = {
  type: 'array',
  items: {
    type: 'object',
    required: ['id', 'name', 'description', 'priceCents', 'toppings', 'available', 'sizes'],
    properties: {
      id: text,
      name: text,
      description: text,
      priceCents: { ...cents, description: 'Price of a small one in US cents, tax included' },
      toppings: { type: 'array', items: text },
      available: { type: 'boolean' },
      sizes: {
        type: 'array',
        items: { type: 'object', properties: { size: { type: 'string', enum: PIZZA_SIZES }, priceCents: cents } },
      },
    },
  },
};

export const toppings = {
  type: 'array',
  items: { type: 'object', properties: { name: text, priceCents: cents, seasonal: { type: 'boolean' } } },
};

export const notifications = {
  type: 'array',
  items: { type: 'object', properties: { id: text, text, createdAt: { type: 'string', format: 'date-time' } } },
};

export const kitchen = {
  type: 'object',
  properties: {
    capacityOrders: { type: 'integer' },
    cookingOrders: { type: 'integer' },
    queuedOrders: { type: 'integer' },
    utilisation: { type: 'number', description: '0 to 1' },
    queue: orders,
    cooking: orders,
    ready: orders,
  },
};

export const deliveries = {
  type: 'object',
  properties: {
    waiting: orders,
    tours: { type: 'array', items: { type: 'object', properties: { driverId: text, orders } } },
  },
};

export const statistics = {
  type: 'object',
  properties: {
    since: { type: 'string', format: 'date-time' },
    orders: { type: 'integer' },
    revenueCents: cents,
    ordersByStatus: { type: 'object', additionalProperties: { type: 'integer' } },
  },
};

export const sales = {
  type: 'object',
  properties: {
    hours: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          hour: { type: 'string', format: 'date-time' },
          orders: { type: 'integer' },
          revenueCents: cents,
          cancelled: { type: 'integer' },
        },
      },
    },
    pizzas: {
      type: 'array',
      items: { type: 'object', properties: { pizza: text, pizzas: { type: 'integer' }, revenueCents: cents } },
    },
  },
};

export const assignment = {
  type: 'object',
  required: ['driverId'],
  properties: { driverId: { type: 'string', examples: ['driver-1'] } },
} as const;

export const cancellation = {
  type: 'object',
  required: ['reason'],
  properties: { reason: { type: 'string', examples: ['changed my mind'] } },
} as const;

export const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: text,
    status: { type: 'integer' },
    detail: text,
    instance: { type: 'string', format: 'uri-reference' },
    rule: { type: 'string', description: 'The business rule that was broken' },
    errors: { type: 'array', items: { type: 'object', properties: { pointer: text, detail: text } } },
  },
};

export const orderPath = { type: 'object', required: ['id'], properties: { id: text } } as const;

export const orderQuery = {
  type: 'object',
  properties: {
    status: {
      type: 'string',
      description: `One of ${ORDER_STATUSES.join(', ')}, several with commas, or "active" for all that are not finished`,
    },
    driver: { type: 'string', description: 'Orders of this driver' },
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,2}$', description: 'Orders per page, 1 to 999, by default 100' },
    before: { type: 'string', description: 'Continues a page; take it from the Link header' },
  },
} as const;
