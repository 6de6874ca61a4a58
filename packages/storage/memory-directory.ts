/** A folder in memory, for `--ephemeral` and for tests: the disk's contract without the disk. */

import {
  type AppendFile,
  checkFileName,
  type DirectoryLock,
  type ReadFile,
  type StorageDirectory,
} from './directory.ts';
import { StorageError } from './storage-error.ts';

export function openMemoryDirectory(path = 'memory'): StorageDirectory {
  return new MemoryDirectory(path.startsWith('memory') ? path : `memory:${path}`, new Folder());
}

class Folder {
  readonly files = new Map<string, MemoryFile>();
  readonly folders = new Map<string, Folder>();
  locked = false;
}

/** Bytes that grow by doubling; a reader that opened the file keeps it when it is removed. */
class MemoryFile {
  #bytes = new Uint8Array(0);
  length = 0;

  static of(chunks: readonly Uint8Array[]): MemoryFile {
    const file = new MemoryFile();
    for (const chunk of chunks) file.append(chunk);
    return file;
  }

  append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(this.#bytes.length * 2, needed + 16 * 1024 * 1024)));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.length);
    this.length = needed;
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

class MemoryDirectory implements StorageDirectory {
  readonly path: string;
  readonly #folder: Folder;

  constructor(path: string, folder: Folder) {
    this.path = path;
    this.#folder = folder;
  }

  async subdirectory(name: string): Promise<StorageDirectory> {
    checkFileName(name);
    let folder = this.#folder.folders.get(name);
    if (folder === undefined) this.#folder.folders.set(name, (folder = new Folder()));
    return new MemoryDirectory(`${this.path}/${name}`, folder);
  }

  async list(): Promise<readonly string[]> {
    return [...this.#folder.files.keys()].sort();
  }

  async listDirectories(): Promise<readonly string[]> {
    return [...this.#folder.folders.keys()].sort();
  }

  async sizeBytes(): Promise<number> {
    return sizeOf(this.#folder);
  }

  async read(name: string): Promise<Uint8Array> {
    return this.#file(name).view().slice();
  }

  async openRead(name: string): Promise<ReadFile> {
    const file = this.#file(name);
    const path = `${this.path}/${name}`;
    return {
      sizeBytes: file.length,
      async readInto(target, offset) {
        if (offset + target.length > file.length) {
          throw new StorageError('STORAGE_CORRUPT', `${path} ends before byte ${offset + target.length}.`);
        }
        target.set(file.view().subarray(offset, offset + target.length));
      },
      async close() {},
    };
  }

  async openAppend(name: string): Promise<AppendFile> {
    checkFileName(name);
    let file = this.#folder.files.get(name);
    if (file === undefined) this.#folder.files.set(name, (file = new MemoryFile()));
    return new MemoryAppendFile(file);
  }

  async writeAtomic(name: string, chunks: readonly Uint8Array[]): Promise<void> {
    checkFileName(name);
    this.#folder.files.set(name, MemoryFile.of(chunks));
  }

  async rename(from: string, to: string): Promise<void> {
    checkFileName(to);
    const file = this.#file(from);
    this.#folder.files.delete(from);
    this.#folder.files.set(to, file);
  }

  async moveInto(name: string, subdirectory: string): Promise<string> {
    const file = this.#file(name);
    await this.subdirectory(subdirectory);
    const target = this.#folder.folders.get(subdirectory)!;
    let free = name;
    for (let count = 1; target.files.has(free); count++) free = `${name}.${count}`;
    target.files.set(free, file);
    this.#folder.files.delete(name);
    return free;
  }

  async linkInto(name: string, target: StorageDirectory): Promise<void> {
    if (target instanceof MemoryDirectory) target.#folder.files.set(name, this.#file(name));
    else await target.writeAtomic(name, [await this.read(name)]);
  }

  async remove(name: string): Promise<void> {
    checkFileName(name);
    this.#folder.files.delete(name);
  }

  async removeDirectory(name: string): Promise<void> {
    checkFileName(name);
    this.#folder.folders.delete(name);
  }

  async lock(): Promise<DirectoryLock> {
    const folder = this.#folder;
    if (folder.locked) {
      throw new StorageError('STORAGE_LOCKED', `${this.path} is in use by process ${process.pid}: close it first.`);
    }
    folder.locked = true;
    let released = false;
    return {
      async release() {
        if (!released) folder.locked = false;
        released = true;
      },
    };
  }

  #file(name: string): MemoryFile {
    checkFileName(name);
    const file = this.#folder.files.get(name);
    if (file === undefined) throw new StorageError('STORAGE_NOT_FOUND', `File not found: ${this.path}/${name}`);
    return file;
  }
}

class MemoryAppendFile implements AppendFile {
  readonly #file: MemoryFile;

  constructor(file: MemoryFile) {
    this.#file = file;
  }

  get sizeBytes(): number {
    return this.#file.length;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) this.#file.append(chunk);
  }

  async sync(): Promise<void> {}

  async truncate(sizeBytes: number): Promise<void> {
    this.#file.length = Math.min(this.#file.length, sizeBytes);
  }

  async close(): Promise<void> {}
}

function sizeOf(folder: Folder): number {
  let sizeBytes = 0;
  for (const file of folder.files.values()) sizeBytes += file.length;
  for (const child of folder.folders.values()) sizeBytes += sizeOf(child);
  return sizeBytes;
}
