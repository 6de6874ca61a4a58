/** Makes a head that takes no more samples a block of the store. */
import { writeSegment } from '@mario/storage';
import type { BlockList } from './block-list.ts';
import { BLOCK_KIND, BLOCK_VERSION, type BlockExtras, encodeBlock } from './block-writer.ts';
import type { HeadLog } from './head-log.ts';
import type { SeriesIndex } from './series-index.ts';

export interface HeadWriting extends BlockExtras {
  readonly blocks: BlockList;
  readonly index: SeriesIndex;
  /** Called when the block is there: readers see it from the same turn on. */
  readonly written: () => void;
}

/** When it resolves the block is durable, and the log up to the head's last record dispensable. */
export async function writeHead(log: HeadLog, { blocks, index, written, ...extras }: HeadWriting): Promise<void> {
  const { head, sequence } = log;
  const { sections, seriesCount, sampleCount } = await encodeBlock(head, index, extras);
  if (seriesCount === 0) {
    await blocks.advance(sequence);
    written();
    return;
  }
  const name = `b-${String(sequence).padStart(12, '0')}.seg`;
  const format = { kind: BLOCK_KIND, version: BLOCK_VERSION };
  const { sizeBytes } = await writeSegment(blocks.directory, name, { ...format, sections });
  const entry = {
    name,
    sizeBytes,
    minTimeMs: head.minTimeMs,
    maxTimeMs: head.maxTimeMs,
    meta: { series: seriesCount, samples: sampleCount },
  };
  await blocks.add(entry, sequence, () => log.deletions, written);
}
