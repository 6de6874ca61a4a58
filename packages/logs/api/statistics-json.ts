/** The `stats` object of a response: the fields that Loki's clients read, with what this engine has to tell. */
import type { QueryResult } from './query-engine.ts';

export function statisticsJson({ statistics, durationMs }: QueryResult): object {
  const seconds = durationMs / 1000;
  const perSecond = (count: number): number => (seconds > 0 ? Math.round(count / seconds) : 0);
  const chunk = {
    headChunkBytes: 0,
    headChunkLines: 0,
    decompressedBytes: statistics.bytesProcessed,
    decompressedLines: statistics.linesProcessed,
    compressedBytes: 0,
    totalDuplicates: 0,
    postFilterLines: statistics.entriesReturned,
    headChunkStructuredMetadataBytes: 0,
    decompressedStructuredMetadataBytes: 0,
  };
  const store = {
    totalChunksRef: statistics.blocksRead + statistics.blocksSkipped,
    totalChunksDownloaded: statistics.blocksRead,
    chunksDownloadTime: 0,
    queryReferencedStructuredMetadata: false,
    chunk,
    chunkRefsFetchTime: 0,
    congestionControlLatency: 0,
    pipelineWrapperFilteredLines: 0,
  };
  return {
    summary: {
      bytesProcessedPerSecond: perSecond(statistics.bytesProcessed),
      linesProcessedPerSecond: perSecond(statistics.linesProcessed),
      totalBytesProcessed: statistics.bytesProcessed,
      totalLinesProcessed: statistics.linesProcessed,
      execTime: seconds,
      queueTime: 0,
      subqueries: 0,
      totalEntriesReturned: statistics.entriesReturned,
      splits: 1,
      shards: 1,
      totalPostFilterLines: statistics.entriesReturned,
      totalStructuredMetadataBytesProcessed: 0,
    },
    querier: { store },
    ingester: {
      totalReached: 1,
      totalChunksMatched: 0,
      totalBatches: 0,
      totalLinesSent: 0,
      store: { ...store, totalChunksRef: 0, totalChunksDownloaded: 0 },
    },
    cache: {},
    index: {
      totalChunks: store.totalChunksRef,
      postFilterChunks: statistics.blocksRead,
      shardsDuration: 0,
      usedBloomFilters: false,
    },
  };
}
