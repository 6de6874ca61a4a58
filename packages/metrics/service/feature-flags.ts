/** The real server's `--enable-feature`: what each name switches here, and what of it is not there. */
import { DEFAULT_FEATURES, type EngineOptions } from '../promql/index.ts';

export interface FeatureSwitches {
  readonly engine: EngineOptions;
  /** Start timestamps are kept with the samples. */
  readonly keepStarts: boolean;
  /** A sample of 0 is stored where a counter or histogram began. */
  readonly zeroSamples: boolean;
  /** `stats=all` counts samples by step. */
  readonly perStepStats: boolean;
  /** What was asked for and is not done, to be told to the user. */
  readonly warnings: readonly string[];
}

/** What the names ask for is always done. */
const ALWAYS: ReadonlySet<string> = new Set([
  'exemplar-storage',
  'native-histograms',
  'ooo-native-histograms',
  'otlp-deltatocumulative',
  'promql-duration-expr',
]);

const SWITCHED: ReadonlySet<string> = new Set([
  'created-timestamp-zero-ingestion',
  'promql-binop-fill-modifiers',
  'promql-delayed-name-removal',
  'promql-experimental-functions',
  'promql-extended-range-selectors',
  'promql-per-step-stats',
  'st-storage',
  'use-start-timestamps',
]);

/** Each entry may be a list with commas, as the flag's value. */
export function readFeatureFlags(flags: readonly string[]): FeatureSwitches {
  const names = new Set(flags.flatMap((flag) => flag.split(',')).filter((name) => name !== ''));
  const has = (name: string) => names.has(name);
  return {
    engine: {
      features: {
        ...DEFAULT_FEATURES,
        // No flag switches it any more.
        durationExpressions: true,
        experimentalFunctions: has('promql-experimental-functions'),
        extendedRangeSelectors: has('promql-extended-range-selectors'),
        binopFillModifiers: has('promql-binop-fill-modifiers'),
      },
      delayedNameRemoval: has('promql-delayed-name-removal'),
      startTimestamps: has('use-start-timestamps'),
    },
    keepStarts: has('st-storage'),
    zeroSamples: has('created-timestamp-zero-ingestion'),
    perStepStats: has('promql-per-step-stats'),
    warnings: [...names]
      .filter((name) => !ALWAYS.has(name) && !SWITCHED.has(name))
      .map(
        (name) =>
          `the option ${JSON.stringify(name)} of --enable-feature is unknown or not supported, and does nothing`,
      ),
  };
}
