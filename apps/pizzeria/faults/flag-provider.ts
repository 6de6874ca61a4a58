// The switchboard as an OpenFeature provider: each fault is a number flag whose value is the fault's strength for this
// use, 0 when it does not act. A fault in per cent is decided by the targeting key, so that a retry meets the same.

import { createHash } from 'node:crypto';
import {
  type EvaluationContext,
  FlagNotFoundError,
  type JsonValue,
  type Provider,
  type ResolutionDetails,
  StandardResolutionReasons,
  TypeMismatchError,
} from '@openfeature/server-sdk';
import { FAULTS, isFaultName } from './fault-catalogue.ts';
import type { Switchboard } from './switchboard.ts';

/** Hundredths of a per cent: fine enough for every share that can be set. */
const BUCKETS = 10_000;

/** Faults whose value is a share of the uses, not a strength. */
const SPLIT_FAULTS: ReadonlySet<string> = new Set(['payment-failing']);

export class SwitchboardProvider implements Provider {
  readonly metadata = { name: 'mario-switchboard' };
  readonly runsOn = 'server' as const;
  readonly #switchboard: Switchboard;

  constructor(switchboard: Switchboard) {
    this.#switchboard = switchboard;
  }

  async resolveNumberEvaluation(
    flagKey: string,
    _default: number,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    const value = this.#valueOf(flagKey);
    if (value === 0) return { value: 0, variant: 'off', reason: StandardResolutionReasons.DISABLED };
    if (!SPLIT_FAULTS.has(flagKey)) return { value, variant: 'on', reason: StandardResolutionReasons.STATIC };
    const hit = bucketOf(`${flagKey}/${context.targetingKey ?? ''}`) < (value / 100) * BUCKETS;
    return { value: hit ? value : 0, variant: hit ? 'on' : 'off', reason: StandardResolutionReasons.SPLIT };
  }

  async resolveBooleanEvaluation(flagKey: string): Promise<ResolutionDetails<boolean>> {
    const value = this.#valueOf(flagKey) > 0;
    return { value, variant: value ? 'on' : 'off', reason: StandardResolutionReasons.STATIC };
  }

  async resolveStringEvaluation(flagKey: string): Promise<ResolutionDetails<string>> {
    throw new TypeMismatchError(`${flagKey} is a number or boolean flag`);
  }

  async resolveObjectEvaluation<T extends JsonValue>(flagKey: string): Promise<ResolutionDetails<T>> {
    throw new TypeMismatchError(`${flagKey} is a number or boolean flag`);
  }

  #valueOf(flagKey: string): number {
    if (!isFaultName(flagKey)) {
      throw new FlagNotFoundError(`there is no fault ${flagKey}; there are ${Object.keys(FAULTS).join(', ')}`);
    }
    return this.#switchboard.valueOf(flagKey);
  }
}

function bucketOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() % BUCKETS;
}
