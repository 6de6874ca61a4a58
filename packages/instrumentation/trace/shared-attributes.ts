/**
 * Attributes that are known before a span begins (its route, its statement, its command): one object for all spans that
 * have them, recognised and encoded once. The mark is a property, because asking V8 whether an object is frozen and a
 * WeakMap what belongs to it took longer than writing the bytes.
 */
import type { Attributes } from '@opentelemetry/api';

/** Where an encoder keeps the bytes of these attributes. */
export interface SharedForm {
  encoded: Uint8Array | undefined;
}

const kShared = Symbol('mario.shared-attributes');

/** Freezes and marks the object; copies of it (`{ ...attributes }`) are not marked. */
export function shareAttributes(attributes: Attributes): Attributes {
  Object.defineProperty(attributes, kShared, { value: { encoded: undefined } satisfies SharedForm });
  return Object.freeze(attributes);
}

/** Undefined when the attributes are one span's own. */
export function sharedFormOf(attributes: Attributes): SharedForm | undefined {
  return (attributes as { readonly [kShared]?: SharedForm })[kShared];
}
