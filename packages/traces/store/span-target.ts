/** The empty columns that gathering fills, sized before so that nothing grows. */

import { type AttributeTable, spanIdBytes, traceIdBytes, type ValuePool } from '@mario/otlp';
import type { SpanRef } from './span-ref.ts';

export interface Sizes {
  attributes: number;
  events: number;
  eventAttributes: number;
  links: number;
  linkAttributes: number;
}

export type AttributeTarget = AttributeTable;
export type EventTarget = ReturnType<typeof eventTarget>;
export type LinkTarget = ReturnType<typeof linkTarget>;

export function attributeTarget(pool: ValuePool, owners: number, rows: number): AttributeTarget {
  return {
    ...pool,
    offsets: new Uint32Array(owners + 1),
    keys: new Uint32Array(rows),
    types: new Uint8Array(rows),
    payload: new Float64Array(rows),
  };
}

export function eventTarget(pool: ValuePool, count: number, sizes: Sizes) {
  return {
    offsets: new Uint32Array(count + 1),
    timeNs: new BigUint64Array(sizes.events),
    name: new Uint32Array(sizes.events),
    attributes: attributeTarget(pool, sizes.events, sizes.eventAttributes),
    droppedAttributes: new Uint32Array(sizes.events),
    dropped: new Uint32Array(count),
  };
}

export function linkTarget(pool: ValuePool, count: number, sizes: Sizes) {
  return {
    offsets: new Uint32Array(count + 1),
    traceIds: new Uint8Array(sizes.links * traceIdBytes),
    spanIds: new Uint8Array(sizes.links * spanIdBytes),
    traceState: new Uint32Array(sizes.links),
    flags: new Uint32Array(sizes.links),
    attributes: attributeTarget(pool, sizes.links, sizes.linkAttributes),
    droppedAttributes: new Uint32Array(sizes.links),
    dropped: new Uint32Array(count),
  };
}

/** Counts the rows that the given spans have in each table. */
export function sizesOf(refs: readonly SpanRef[]): Sizes {
  const sizes: Sizes = { attributes: 0, events: 0, eventAttributes: 0, links: 0, linkAttributes: 0 };
  for (const { batch, row } of refs) {
    const { attributes, events, links } = batch;
    sizes.attributes += attributes.offsets[row + 1]! - attributes.offsets[row]!;
    const firstEvent = events.offsets[row]!;
    const lastEvent = events.offsets[row + 1]!;
    sizes.events += lastEvent - firstEvent;
    sizes.eventAttributes += events.attributes.offsets[lastEvent]! - events.attributes.offsets[firstEvent]!;
    const firstLink = links.offsets[row]!;
    const lastLink = links.offsets[row + 1]!;
    sizes.links += lastLink - firstLink;
    sizes.linkAttributes += links.attributes.offsets[lastLink]! - links.attributes.offsets[firstLink]!;
  }
  return sizes;
}
