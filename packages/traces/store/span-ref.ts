/** One span of a batch. */

import type { SpanBatch } from '@mario/otlp';

export interface SpanRef {
  readonly batch: SpanBatch;
  readonly row: number;
}
