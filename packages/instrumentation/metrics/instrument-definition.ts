/** What an instrument is before anything is measured: the entry in the reference list from which it is created. */

export type InstrumentKind = 'counter' | 'upDownCounter' | 'gauge' | 'histogram';

export interface InstrumentDefinition {
  /** OpenTelemetry's name, dots and all. */
  readonly name: string;
  readonly kind: InstrumentKind;
  /** UCUM as OpenTelemetry uses it; `{…}` units leave no suffix in Prometheus. */
  readonly unit: string;
  /** One sentence for people; the description (HELP) on both export paths. */
  readonly meaning: string;
  /** Each attribute that a point may carry, with its meaning. Values are bounded by whoever records. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Upper bounds of the buckets, ascending; histograms only. */
  readonly boundaries?: readonly number[];
  /** Whether counters and gauges hold whole numbers (OTLP `as_int`); true unless said otherwise. */
  readonly whole?: boolean;
  /** Emitted only in some conditions (a failure, a full buffer): `checkEmitted` does not insist on seeing it. */
  readonly conditional?: string;
  /** Created through the official SDK's meter (observed at collection) and not as one of our bound instruments. */
  readonly observed?: boolean;
}

/** The instrumentation scope of every instrument of this package. */
export const SCOPE_NAME = '@mario/instrumentation';
export const SCOPE_VERSION = '0.1.0';
