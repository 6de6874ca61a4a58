// The pieces that the schemas of the API are made of.

/** An answer: every property is there, and no other. */
export function exactly<P extends Readonly<Record<string, object>>>(properties: P) {
  return { type: 'object', required: Object.keys(properties), additionalProperties: false, properties } as const;
}

export function listOf<T extends object>(items: T) {
  return { type: 'array', items } as const;
}

export const cents = { type: 'integer', description: 'US cents, tax included' } as const;
export const text = { type: 'string' } as const;
export const count = { type: 'integer', minimum: 0 } as const;
export const share = { type: 'number', minimum: 0, maximum: 1 } as const;
export const instant = { type: 'string', format: 'date-time' } as const;
export const maybeInstant = { type: ['string', 'null'], format: 'date-time' } as const;
export const maybeText = { type: ['string', 'null'] } as const;
export const milliseconds = { type: 'number', minimum: 0 } as const;
export const maybeMilliseconds = { type: ['number', 'null'], minimum: 0 } as const;
