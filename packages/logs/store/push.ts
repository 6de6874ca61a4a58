/** What comes in: entries by stream, whichever protocol brought them. */
import type { Labels } from '../logql/labels.ts';

export interface PushEntry {
  /** Since 1970. */
  readonly timeNs: bigint;
  readonly line: string;
  /** Sorted by name. */
  readonly metadata: Labels;
}

export interface PushStream {
  /** Sorted by name, without empty values. */
  readonly labels: Labels;
  readonly entries: readonly PushEntry[];
}

/** Why entries were refused; `reason` is the label value of loki_discarded_samples_total. */
export interface PushRefusal {
  readonly reason: string;
  readonly message: string;
  readonly entryCount: number;
  readonly lineBytes: number;
  /** 400: never send it again; 429: a limit that may be free again later. */
  readonly status: 400 | 429;
}

export interface PushOutcome {
  readonly acceptedCount: number;
  readonly refusals: readonly PushRefusal[];
}
