// How the fate of a batch becomes the answer to its sender, the same over gRPC and HTTP.
import { PermanentError, RetryableError } from './consumer.ts';
import { DecodeError } from './decode/decode-error.ts';
import type { PartialSuccess, RpcStatus } from './encode/response.ts';
import { GrpcCode } from './grpc/status.ts';

/** Accepted, perhaps in part; or refused with a status. */
export type ExportOutcome =
  | { readonly ok: true; readonly partial: PartialSuccess | undefined }
  | { readonly ok: false; readonly status: RpcStatus };

/**
 * The outcome of consuming `count` records. Data that stays bad is INVALID_ARGUMENT, so that no client sends it again;
 * everything else is UNAVAILABLE (or RESOURCE_EXHAUSTED with a delay), so that every client does.
 */
export async function exportOutcome(count: number, consume: () => Promise<void>): Promise<ExportOutcome> {
  try {
    await consume();
    return { ok: true, partial: undefined };
  } catch (error) {
    if (error instanceof PermanentError && error.rejected !== undefined && error.rejected < count) {
      return { ok: true, partial: { rejected: error.rejected, message: error.message } };
    }
    return { ok: false, status: errorStatus(error) };
  }
}

/** The status that tells a sender about `error`. */
export function errorStatus(error: unknown): RpcStatus {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DecodeError || error instanceof PermanentError) {
    return { code: GrpcCode.invalidArgument, message };
  }
  if (!(error instanceof RetryableError)) return { code: GrpcCode.unavailable, message };
  const { retryAfterMs } = error;
  if (!error.exhausted) return { code: GrpcCode.unavailable, message, retryAfterMs };
  // Clients take RESOURCE_EXHAUSTED for final unless it carries a RetryInfo (OTLP specification, "Failures").
  return { code: GrpcCode.resourceExhausted, message, retryAfterMs: retryAfterMs ?? exhaustedRetryMs };
}

/** A second is longer than a batch takes to leave and short enough for a sender's own queue. */
const exhaustedRetryMs = 1000;
