/**
 * A directory that loses power on purpose. What was not synced is kept in part, in whole, in the wrong order or not at
 * all; an operation on the folder that was under way happened or did not. `survivors` is what the next start finds.
 */

import {
  type AppendFile,
  checkFileName,
  type DirectoryLock,
  type ReadFile,
  type StorageDirectory,
} from '../directory.ts';
import { openMemoryDirectory } from '../memory-directory.ts';
import { StorageError } from '../storage-error.ts';

/** Disks write sectors; those of one write may arrive in any order. */
const SECTOR_BYTES = 512;

export type CutKind =
  /** The power goes: what is not synced is in doubt. */
  | 'power'
  /** The process is killed: what was written stays, the operation under way is in doubt. */
  | 'kill';

/** Shared by a directory and everything below it. */
export class PowerSupply {
  readonly random: () => number;
  /** Changing operations so far. */
  operationCount = 0;
  /** The operation that is the last one; it is in doubt. */
  cutAt = Number.POSITIVE_INFINITY;
  /** Chance that an operation fails without consequences for the next: a full or failing disk. */
  faultChance = 0;
  #cut = false;

  constructor(random: () => number) {
    this.random = random;
  }

  get isCut(): boolean {
    return this.#cut;
  }

  cutNow(): void {
    this.#cut = true;
  }

  /** Throws when there is no power. */
  check(): void {
    if (this.#cut) throw new StorageError('STORAGE_IO', 'The power is gone.');
  }

  /** Before a changing operation: whether it goes well, fails, or is the one during which the power goes. */
  next(): 'well' | 'fault' | 'cut' {
    this.check();
    this.operationCount++;
    if (this.operationCount >= this.cutAt) {
      this.#cut = true;
      return 'cut';
    }
    return this.random() < this.faultChance ? 'fault' : 'well';
  }

  fault(): StorageError {
    if (this.#cut) return new StorageError('STORAGE_IO', 'The power is gone.');
    return this.random() < 0.5
      ? new StorageError('STORAGE_FULL', 'No space left, as planned.')
      : new StorageError('STORAGE_IO', 'The disk failed, as planned.');
  }
}

class Content {
  bytes: Uint8Array;
  syncedBytes: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.syncedBytes = bytes.length;
  }
}

class Folder {
  readonly files = new Map<string, Content>();
  readonly folders = new Map<string, Folder>();
}

export class PowerCutDirectory implements StorageDirectory {
  readonly path: string;
  readonly #folder: Folder;
  readonly #power: PowerSupply;

  constructor(power: PowerSupply, path = 'power-cut', folder = new Folder()) {
    this.#power = power;
    this.path = path;
    this.#folder = folder;
  }

  /** The directory as the next start finds it, with a supply of its own. Everything opened before is dead. */
  survivors(kind: CutKind, power: PowerSupply): PowerCutDirectory {
    this.#power.cutNow();
    return new PowerCutDirectory(power, this.path, survive(this.#folder, kind, power.random));
  }

  /** A copy that no power cut threatens, to look at. */
  async copy(): Promise<StorageDirectory> {
    const target = openMemoryDirectory();
    await copyInto(this.#folder, target);
    return target;
  }

  async subdirectory(name: string): Promise<StorageDirectory> {
    checkFileName(name);
    this.#power.check();
    let folder = this.#folder.folders.get(name);
    if (folder === undefined) this.#folder.folders.set(name, (folder = new Folder()));
    return new PowerCutDirectory(this.#power, `${this.path}/${name}`, folder);
  }

  async list(): Promise<readonly string[]> {
    this.#power.check();
    return [...this.#folder.files.keys()].sort();
  }

  async listDirectories(): Promise<readonly string[]> {
    this.#power.check();
    return [...this.#folder.folders.keys()].sort();
  }

  async sizeBytes(): Promise<number> {
    return sizeOf(this.#folder);
  }

  async read(name: string): Promise<Uint8Array> {
    this.#power.check();
    return this.#content(name).bytes.slice();
  }

  async openRead(name: string): Promise<ReadFile> {
    this.#power.check();
    const content = this.#content(name);
    const power = this.#power;
    return {
      sizeBytes: content.bytes.length,
      async readInto(target, offset) {
        power.check();
        if (offset + target.length > content.bytes.length)
          throw new StorageError('STORAGE_CORRUPT', `${name} ends before byte ${offset + target.length}.`);
        target.set(content.bytes.subarray(offset, offset + target.length));
      },
      async close() {},
    };
  }

  async openAppend(name: string): Promise<AppendFile> {
    checkFileName(name);
    await this.#change(() => {
      if (!this.#folder.files.has(name)) this.#folder.files.set(name, new Content(new Uint8Array(0)));
    });
    return new PowerCutFile(this.#content(name), this.#power);
  }

  async writeAtomic(name: string, chunks: readonly Uint8Array[]): Promise<void> {
    const bytes = joined(chunks);
    const outcome = this.#power.next();
    if (outcome !== 'well' && this.#power.random() < 0.5) {
      // The temporary file stays, with as much as had been written.
      const kept = Math.floor(bytes.length * this.#power.random());
      this.#folder.files.set(`${name}.tmp`, new Content(bytes.slice(0, kept)));
    } else if (outcome === 'well' || this.#power.random() < 0.5) {
      // A failure to sync the folder is one after the new content is there.
      this.#folder.files.set(name, new Content(bytes));
      this.#folder.files.delete(`${name}.tmp`);
    }
    if (outcome !== 'well') throw this.#power.fault();
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(() => {
      const content = this.#content(from);
      this.#folder.files.delete(from);
      this.#folder.files.set(to, content);
    });
  }

  async moveInto(name: string, subdirectory: string): Promise<string> {
    const target = (await this.subdirectory(subdirectory)) as PowerCutDirectory;
    let free = name;
    for (let count = 1; target.#folder.files.has(free); count++) free = `${name}.${count}`;
    await this.#change(() => {
      target.#folder.files.set(free, this.#content(name));
      this.#folder.files.delete(name);
    });
    return free;
  }

  linkInto(name: string, target: StorageDirectory): Promise<void> {
    return this.#change(() => {
      const content = this.#content(name);
      (target as PowerCutDirectory).#folder.files.set(name, new Content(content.bytes));
    });
  }

  remove(name: string): Promise<void> {
    return this.#change(() => void this.#folder.files.delete(name));
  }

  removeDirectory(name: string): Promise<void> {
    return this.#change(() => void this.#folder.folders.delete(name));
  }

  async lock(): Promise<DirectoryLock> {
    return { async release() {} };
  }

  /** A change of the folder: durable when it resolves, in doubt when the power goes. */
  async #change(apply: () => void): Promise<void> {
    const outcome = this.#power.next();
    if (outcome === 'well' || this.#power.random() < 0.5) apply();
    if (outcome !== 'well') throw this.#power.fault();
  }

  #content(name: string): Content {
    const content = this.#folder.files.get(name);
    if (content === undefined) throw new StorageError('STORAGE_NOT_FOUND', `File not found: ${this.path}/${name}`);
    return content;
  }
}

class PowerCutFile implements AppendFile {
  readonly #content: Content;
  readonly #power: PowerSupply;

  constructor(content: Content, power: PowerSupply) {
    this.#content = content;
    this.#power = power;
  }

  get sizeBytes(): number {
    return this.#content.bytes.length;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    const outcome = this.#power.next();
    const bytes = joined(chunks);
    const kept = outcome === 'well' ? bytes.length : Math.floor(bytes.length * this.#power.random());
    this.#content.bytes = joined([this.#content.bytes, bytes.subarray(0, kept)]);
    if (outcome !== 'well') throw this.#power.fault();
  }

  async sync(): Promise<void> {
    const outcome = this.#power.next();
    if (outcome === 'well' || this.#power.random() < 0.5) this.#content.syncedBytes = this.#content.bytes.length;
    if (outcome !== 'well') throw this.#power.fault();
  }

  async truncate(sizeBytes: number): Promise<void> {
    const outcome = this.#power.next();
    if (outcome === 'well' || (outcome === 'cut' && this.#power.random() < 0.5)) {
      this.#content.bytes = this.#content.bytes.slice(0, sizeBytes);
      this.#content.syncedBytes = this.#content.bytes.length;
    }
    if (outcome !== 'well') throw this.#power.fault();
  }

  async close(): Promise<void> {}
}

function survive(folder: Folder, kind: CutKind, random: () => number): Folder {
  const next = new Folder();
  for (const [name, content] of folder.files) {
    next.files.set(name, new Content(kind === 'kill' ? content.bytes.slice() : remains(content, random)));
  }
  for (const [name, child] of folder.folders) next.folders.set(name, survive(child, kind, random));
  return next;
}

/** What the disk has of a file: everything synced, and of the rest a beginning, or sectors in any order. */
function remains({ bytes, syncedBytes }: Content, random: () => number): Uint8Array {
  const doubtful = bytes.length - syncedBytes;
  const kept = bytes.slice(0, syncedBytes + Math.floor(doubtful * Math.min(1, 1.2 * random())));
  if (random() < 0.5) return kept;
  for (let at = syncedBytes; at < kept.length; at += SECTOR_BYTES) {
    if (random() < 0.3) kept.fill(random() < 0.5 ? 0 : Math.floor(random() * 256), at, at + SECTOR_BYTES);
  }
  return kept;
}

async function copyInto(folder: Folder, target: StorageDirectory): Promise<void> {
  for (const [name, { bytes }] of folder.files) await target.writeAtomic(name, [bytes]);
  for (const [name, child] of folder.folders) await copyInto(child, await target.subdirectory(name));
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function sizeOf(folder: Folder): number {
  let sizeBytes = 0;
  for (const { bytes } of folder.files.values()) sizeBytes += bytes.length;
  for (const child of folder.folders.values()) sizeBytes += sizeOf(child);
  return sizeBytes;
}
