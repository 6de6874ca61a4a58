/** Composes the stack: three stores, the collector in front of them, the dashboards beside them, in one process. */
import { join } from 'node:path';
import { openCollector } from '@mario/collector';
import { openDashboards } from '@mario/dashboards';
import { openLogs } from '@mario/logs';
import { openMetricsService } from '@mario/metrics';
import { type Clock, closeInOrder, closeOnce, type Log, NetworkMap, type Service } from '@mario/service';
import { openDiskDirectory, openMemoryDirectory, type StorageDirectory, splitBudget } from '@mario/storage';
import { openTraces } from '@mario/traces';
import type { CommonOptions } from './options.ts';

export interface StackOptions extends Omit<CommonOptions, 'logLevel'> {
  readonly clock: Clock;
  readonly log: Log;
}

export interface Stack {
  /** Where each service listens, by its name. */
  readonly addresses: Readonly<Record<string, string>>;
  close(): Promise<void>;
}
