// Bounds what HTTP requests hold in memory while their bodies arrive, over all connections.
import type { FastifyInstance } from 'fastify';

/** As the gRPC side of the receiver has it: a few hundred senders with full batches at the same moment. */
const receivingBytesMax = 256 * 1024 * 1024;

/** Refuses requests (503, to be tried again) while too many bytes are being received. */
export function addReceivingBudget(app: FastifyInstance, bodyBytesMax: number): void {
  let receivingBytes = 0;
  app.addHook('onRequest', async (request, reply) => {
    const declared = Number(request.headers['content-length'] ?? Number.NaN);
    // A body of unknown length may become as large as is allowed.
    const bytes = Number.isFinite(declared)
      ? Math.min(declared, bodyBytesMax)
      : chunked(request.headers)
        ? bodyBytesMax
        : 0;
    if (receivingBytes + bytes > receivingBytesMax) {
      return reply.code(503).header('retry-after', '1').type('text/plain').send('too many requests are being received');
    }
    receivingBytes += bytes;
    reply.raw.once('close', () => {
      receivingBytes -= bytes;
    });
    return undefined;
  });
}

function chunked(headers: { readonly 'transfer-encoding'?: string | undefined }): boolean {
  return headers['transfer-encoding'] !== undefined;
}
