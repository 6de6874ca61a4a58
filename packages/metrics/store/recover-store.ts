/** Fills an opened store's memory from its newest block and its write-ahead log. */
import type { Log } from '@mario/service';
import type { WalRecord, WalReplayReport, WriteAheadLog } from '@mario/storage';
import type { Labels } from '../model/labels.ts';
import type { BlockList } from './block-list.ts';
import { decodeDeletion } from './deletion.ts';
import type { ExemplarRing } from './exemplar-ring.ts';
import type { HeadList } from './head-list.ts';
import type { MetadataTable } from './metadata-table.ts';
import { RECORD_DELETE } from './wal-entries.ts';

export interface RecoveryParts {
  readonly wal: WriteAheadLog;
  readonly blocks: BlockList;
  readonly heads: HeadList;
  readonly metadata: MetadataTable;
  readonly exemplars: ExemplarRing;
  readonly ref: (labels: Labels) => number;
  readonly log: Log;
}

export async function recoverStore(parts: RecoveryParts): Promise<WalReplayReport> {
  const { wal, blocks, heads, metadata, exemplars, log } = parts;
  await recoverExtras(parts);
  const replay = heads.replayer(
    (ref, exemplar) => void exemplars.add(ref, exemplar),
    (family, each) => void metadata.add(family, each),
  );
  const deletions: WalRecord[] = [];
  const report = await wal.replay((record) => {
    if (record.type !== RECORD_DELETE) return replay(record);
    deletions.push({ ...record, payload: record.payload.slice() });
    heads.delete(decodeDeletion(record.payload, record.sequence));
  }, blocks.walSequence);
  // The crash may have come between the record and the manifest; every block there is was written before the record.
  for (const { payload, sequence } of deletions) await blocks.delete(decodeDeletion(payload, sequence));
  heads.active.sequence = wal.lastSequence;
  if (report.corruptFileCount > 0) {
    log.error('parts of the write-ahead log were damaged and set aside', {
      files: report.corruptFileCount,
      missing_records: report.gaps.reduce((sum, gap) => sum + gap.last - gap.first + 1, 0),
    });
  }
  return report;
}

/** Metadata and exemplars stand in the newest block, as they were when it was written. */
async function recoverExtras({ blocks, metadata, exemplars, ref: refOf }: RecoveryParts): Promise<void> {
  const extras = await blocks.newestExtras();
  for (const [family, variants] of Object.entries(extras?.metadata ?? {})) {
    for (const each of variants) metadata.add(family, each);
  }
  for (const { seriesLabels, exemplars: own } of extras?.exemplars ?? []) {
    const ref = refOf(seriesLabels);
    if (ref >= 0) for (const exemplar of own) exemplars.add(ref, exemplar);
  }
}
