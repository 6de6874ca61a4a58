/** `/federate`: the newest sample of the selected series as an exposition, for another Prometheus to scrape. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { compareLabels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type { SeriesSamples } from '../queryable.ts';
import { Slices } from '../store/slices.ts';
import { ApiError } from './api-error.ts';
import { type FederatedSample, federatedFamilies } from './federation/federated-family.ts';
import { negotiateFederation } from './federation/federation-format.ts';
import { federationProtobuf } from './federation/federation-protobuf.ts';
import { federationText } from './federation/federation-text.ts';
import { Params } from './params.ts';
import type { ApiSources } from './sources.ts';

/** As far back as a query looks for a sample. */
const LOOKBACK_MS = 5 * 60_000;

/** Text of lines and families is sent in pieces of about this size. */
const PIECE_BYTES = 64 * 1024;

export function addFederateRoute(app: FastifyInstance, sources: ApiSources): void {
  app.get('/federate', async (request, reply) => {
    let matcherSets: ReturnType<Params['matcherSets']>;
    try {
      matcherSets = Params.of(request).matcherSets();
    } catch (error) {
      const message =
        error instanceof ApiError ? error.message.replace(/^invalid parameter "match\[\]": /, '') : String(error);
      return reply.code(400).type('text/plain; charset=utf-8').send(`${message}\n`);
    }
    const { encoding, escaping, contentType } = negotiateFederation(request.headers.accept);
    const families = federatedFamilies(await newestSamples(sources, matcherSets), {
      externalLabels: sources.externalLabels(),
      escaping,
      nativeHistograms: encoding === 'protobuf',
    });
    const parts = encoding === 'protobuf' ? federationProtobuf(families) : federationText(families);
    return reply.header('content-type', contentType).send(Readable.from(inPieces(parts), { objectMode: false }));
  });
}

/** So many are read between two looks at the clock. */
const SERIES_PER_LOOK = 64;

/** Each series once, sorted by labels. */
async function newestSamples(
  { queryable, nowMs }: ApiSources,
  matcherSets: readonly (readonly LabelMatcher[])[],
): Promise<FederatedSample[]> {
  const endMs = nowMs();
  const found = new Map<string, FederatedSample>();
  const slices = new Slices();
  for (const matchers of matcherSets) {
    const set = await queryable.select(matchers, { startMs: endMs - LOOKBACK_MS, endMs });
    for (const [i, labels] of set.labels.entries()) {
      const newest = newestSample(set.read(i), endMs);
      if (newest !== undefined) found.set(labels.key, { labels, ...newest });
      if (i % SERIES_PER_LOOK === 0) await slices.breathe();
    }
  }
  const samples = [...found.values()];
  return matcherSets.length < 2 ? samples : samples.sort((a, b) => compareLabels(a.labels, b.labels));
}

/** Undefined when there is none in the look-back, or when it is a staleness marker. */
function newestSample(samples: SeriesSamples, endMs: number): Omit<FederatedSample, 'labels'> | undefined {
  let at = samples.to - 1;
  while (at >= samples.from && samples.timestamps[at]! > endMs) at--;
  if (at < samples.from || samples.timestamps[at]! < endMs - LOOKBACK_MS) return undefined;
  if (samples.stale?.includes(at)) return undefined;
  return { timestampMs: samples.timestamps[at]!, value: samples.values[at]!, histogram: samples.histograms?.[at] };
}

function* inPieces(parts: Iterable<string | Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = [];
  let sizeBytes = 0;
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    waiting.push(bytes);
    sizeBytes += bytes.length;
    if (sizeBytes < PIECE_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    sizeBytes = 0;
  }
  yield Buffer.concat(waiting);
}
