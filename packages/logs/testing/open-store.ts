/** A store for tests: in memory, without limits of time, quiet. */
import { type Clock, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory, type StorageDirectory } from '@mario/storage';
import { defaultStoreLimits, type StoreLimits } from '../store/limits.ts';
import { LogStore } from '../store/log-store.ts';

export interface TestStoreOptions {
  readonly directory?: StorageDirectory;
  readonly clock?: Clock;
  readonly limits?: Partial<StoreLimits>;
  readonly retention?: { readonly ageMsMax: number; readonly sizeBytesMax: number };
  readonly headBytesMax?: number;
  readonly headAgeMsMax?: number;
}

export const timelessLimits: StoreLimits = { ...defaultStoreLimits, ageMsMax: 0, aheadMsMax: 0, lateMsMax: 0 };

export function openTestStore(options: TestStoreOptions = {}): Promise<LogStore> {
  return LogStore.open({
    directory: options.directory ?? openMemoryDirectory(),
    clock: options.clock ?? systemClock,
    log: silentLog,
    limits: { ...timelessLimits, ...options.limits },
    retention: options.retention ?? { ageMsMax: 0, sizeBytesMax: 0 },
    headBytesMax: options.headBytesMax ?? 64 * 1024 * 1024,
    headAgeMsMax: options.headAgeMsMax ?? 3_600_000,
  });
}
