/** Type, help and unit of metric families, as their targets tell. */
import type { MetricMetadata } from '../queryable.ts';

/** Different texts for one family: more of them than this help nobody. */
const VARIANTS_MAX = 10;

/** Families: as many as there can reasonably be metric names; later ones are not remembered. */
const FAMILIES_MAX = 100_000;

export class MetadataTable {
  readonly #families = new Map<string, MetricMetadata[]>();

  /** True when this was not known. */
  add(family: string, metadata: MetricMetadata): boolean {
    const variants = this.#families.get(family);
    if (variants === undefined) {
      if (this.#families.size >= FAMILIES_MAX) return false;
      this.#families.set(family, [metadata]);
      return true;
    }
    if (variants.some((known) => same(known, metadata)) || variants.length >= VARIANTS_MAX) return false;
    variants.push(metadata);
    return true;
  }

  knows(family: string, metadata: MetricMetadata): boolean {
    return this.#families.get(family)?.some((known) => same(known, metadata)) ?? false;
  }

  get(family: string): readonly MetricMetadata[] {
    return this.#families.get(family) ?? [];
  }

  /** A copy of all, or of one family where it is known. */
  of(family?: string): Map<string, MetricMetadata[]> {
    if (family === undefined) return new Map(this.#families);
    const variants = this.get(family);
    return new Map(variants.length > 0 ? [[family, [...variants]]] : []);
  }

  all(): ReadonlyMap<string, MetricMetadata[]> {
    return this.#families;
  }
}

function same(a: MetricMetadata, b: MetricMetadata): boolean {
  return a.type === b.type && a.help === b.help && a.unit === b.unit;
}
