/** A directory that fails on purpose: torn writes, failed syncs, a full disk, a crash after so many operations. */

import type { AppendFile, DirectoryLock, ReadFile, StorageDirectory } from '../directory.ts';
import { StorageError } from '../storage-error.ts';

export type Fault =
  /** The write or sync fails with STORAGE_FULL; of an append the first half is written. */
  | 'full'
  /** The sync fails with STORAGE_IO. */
  | 'sync'
  /** An append writes its first half and fails with STORAGE_IO. */
  | 'torn'
  /** Like `torn`, and every operation after it fails as well, as after a crash. */
  | 'crash';

/**
 * Decides before each changing operation (append, sync, truncate, writeAtomic, rename, remove,
 * removeDirectory, moveInto, linkInto, openAppend) whether it fails. Shared by a directory and everything opened from it.
 */
export class FaultPlan {
  operationCount = 0;
  crashed = false;
  #faults = new Map<number, Fault>();
  #fullUntilFreed = false;

  /** The n-th operation from now on (1 is the next) fails. */
  failAt(operation: number, fault: Fault): this {
    this.#faults.set(this.operationCount + operation, fault);
    return this;
  }

  /** From now on every write fails with STORAGE_FULL, until `freeSpace`. */
  fillDisk(): void {
    this.#fullUntilFreed = true;
  }

  freeSpace(): void {
    this.#fullUntilFreed = false;
  }

  /** The fault of the operation that is about to happen. */
  next(operation: string): Fault | undefined {
    this.operationCount++;
    if (this.crashed) return 'crash';
    const writes = operation === 'append' || operation === 'writeAtomic' || operation === 'openAppend';
    const fault = this.#faults.get(this.operationCount) ?? (this.#fullUntilFreed && writes ? 'full' : undefined);
    if (fault === 'crash') this.crashed = true;
    return fault;
  }
}

export function faultDirectory(inner: StorageDirectory, plan: FaultPlan): StorageDirectory {
  return new FaultDirectory(inner, plan);
}

function failure(fault: Fault, operation: string, path: string): StorageError {
  const code = fault === 'full' ? 'STORAGE_FULL' : 'STORAGE_IO';
  return new StorageError(code, `Injected fault "${fault}" in ${operation} of ${path}.`);
}

class FaultDirectory implements StorageDirectory {
  readonly #inner: StorageDirectory;
  readonly #plan: FaultPlan;

  constructor(inner: StorageDirectory, plan: FaultPlan) {
    this.#inner = inner;
    this.#plan = plan;
  }

  get path(): string {
    return this.#inner.path;
  }

  async subdirectory(name: string): Promise<StorageDirectory> {
    return new FaultDirectory(await this.#inner.subdirectory(name), this.#plan);
  }

  list(): Promise<readonly string[]> {
    return this.#inner.list();
  }

  listDirectories(): Promise<readonly string[]> {
    return this.#inner.listDirectories();
  }

  sizeBytes(): Promise<number> {
    return this.#inner.sizeBytes();
  }

  read(name: string): Promise<Uint8Array> {
    return this.#inner.read(name);
  }

  openRead(name: string): Promise<ReadFile> {
    return this.#inner.openRead(name);
  }

  async openAppend(name: string): Promise<AppendFile> {
    this.#check('openAppend', name);
    return new FaultAppendFile(await this.#inner.openAppend(name), this.#plan, `${this.path}/${name}`);
  }

  async writeAtomic(name: string, chunks: readonly Uint8Array[]): Promise<void> {
    this.#check('writeAtomic', name);
    await this.#inner.writeAtomic(name, chunks);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#check('rename', from);
    await this.#inner.rename(from, to);
  }

  async moveInto(name: string, subdirectory: string): Promise<string> {
    this.#check('moveInto', name);
    return this.#inner.moveInto(name, subdirectory);
  }

  async linkInto(name: string, target: StorageDirectory): Promise<void> {
    this.#check('linkInto', name);
    await this.#inner.linkInto(name, target instanceof FaultDirectory ? target.#inner : target);
  }

  async remove(name: string): Promise<void> {
    this.#check('remove', name);
    await this.#inner.remove(name);
  }

  async removeDirectory(name: string): Promise<void> {
    this.#check('removeDirectory', name);
    await this.#inner.removeDirectory(name);
  }

  lock(): Promise<DirectoryLock> {
    return this.#inner.lock();
  }

  #check(operation: string, name: string): void {
    const fault = this.#plan.next(operation);
    if (fault !== undefined) throw failure(fault, operation, `${this.path}/${name}`);
  }
}

class FaultAppendFile implements AppendFile {
  readonly #inner: AppendFile;
  readonly #plan: FaultPlan;
  readonly #path: string;

  constructor(inner: AppendFile, plan: FaultPlan, path: string) {
    this.#inner = inner;
    this.#plan = plan;
    this.#path = path;
  }

  get sizeBytes(): number {
    return this.#inner.sizeBytes;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    const wasCrashed = this.#plan.crashed;
    const fault = this.#plan.next('append');
    if (fault === undefined || fault === 'sync') return this.#inner.append(chunks);
    if (!wasCrashed) await this.#inner.append(firstHalf(chunks));
    throw failure(fault, 'append', this.#path);
  }

  async sync(): Promise<void> {
    const fault = this.#plan.next('sync');
    if (fault !== undefined) throw failure(fault, 'sync', this.#path);
    await this.#inner.sync();
  }

  async truncate(sizeBytes: number): Promise<void> {
    const fault = this.#plan.next('truncate');
    if (fault !== undefined) throw failure(fault, 'truncate', this.#path);
    await this.#inner.truncate(sizeBytes);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function firstHalf(chunks: readonly Uint8Array[]): Uint8Array[] {
  let left = Math.floor(chunks.reduce((sum, chunk) => sum + chunk.length, 0) / 2);
  const half: Uint8Array[] = [];
  for (const chunk of chunks) {
    half.push(chunk.subarray(0, left));
    left = Math.max(0, left - chunk.length);
  }
  return half;
}
