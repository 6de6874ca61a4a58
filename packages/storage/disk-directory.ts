/** A folder on a disk. Every change of the folder itself is synced, so that a name that was promised survives a power cut. */

import { close, constants, fstat, open as openDescriptor, read } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type AppendFile,
  type AppendOptions,
  checkFileName,
  type DirectoryLock,
  type ReadFile,
  type StorageDirectory,
} from './directory.ts';
import { acquireLock } from './directory-lock.ts';
import { StorageError, storageErrorOf } from './storage-error.ts';

/** Opens a folder, creating it (and its parents) when absent. */
export async function openDiskDirectory(path: string): Promise<StorageDirectory> {
  await attempt(`creating ${path}`, () => mkdir(path, { recursive: true }));
  return new DiskDirectory(path);
}

/** writev takes at most IOV_MAX (1024 on Linux) buffers at once. */
const CHUNKS_PER_WRITE_MAX = 1000;

/** open(2): with O_DSYNC a write returns as if fdatasync had followed. Elsewhere it is weaker than Node's fdatasync. */
const WRITES_CAN_SYNC = process.platform === 'linux';
const APPEND_SYNCED = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC;

async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storageErrorOf(error, doing);
  }
}

class DiskDirectory implements StorageDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get diskPath(): string {
    return this.path;
  }

  async subdirectory(name: string): Promise<StorageDirectory> {
    const path = this.#join(name);
    const created = await attempt(`creating ${path}`, () => mkdir(path, { recursive: true }));
    if (created !== undefined) await this.#syncSelf();
    return new DiskDirectory(path);
  }

  async list(): Promise<readonly string[]> {
    const entries = await attempt(`listing ${this.path}`, () => readdir(this.path, { withFileTypes: true }));
    return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
  }

  async listDirectories(): Promise<readonly string[]> {
    const entries = await attempt(`listing ${this.path}`, () => readdir(this.path, { withFileTypes: true }));
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  }

  async sizeBytes(): Promise<number> {
    const entries = await attempt(`listing ${this.path}`, () =>
      readdir(this.path, { withFileTypes: true, recursive: true }),
    );
    let sizeBytes = 0;
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      // A file may be removed between the listing and the question; then it has no size.
      sizeBytes += await stat(join(entry.parentPath, entry.name)).then(
        (found) => found.size,
        () => 0,
      );
    }
    return sizeBytes;
  }

  async read(name: string): Promise<Uint8Array> {
    const path = this.#join(name);
    const buffer = await attempt(`reading ${path}`, () => readFile(path));
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  async openRead(name: string): Promise<ReadFile> {
    const path = this.#join(name);
    return attempt(`opening ${path}`, async () => {
      const descriptor = await openAsync(path, 'r');
      const { size } = await fstatAsync(descriptor);
      return new DiskReadFile(descriptor, path, size);
    });
  }

  async openAppend(name: string, { syncsEach = false }: AppendOptions = {}): Promise<AppendFile> {
    const path = this.#join(name);
    const inWrites = syncsEach && WRITES_CAN_SYNC;
    const file = await attempt(`opening ${path}`, async () => {
      const handle = await open(path, inWrites ? APPEND_SYNCED : 'a');
      return new DiskAppendFile(handle, path, (await handle.stat()).size, inWrites);
    });
    await this.#syncSelf();
    return file;
  }

  async writeAtomic(name: string, chunks: readonly Uint8Array[]): Promise<void> {
    const path = this.#join(name);
    const temporary = `${path}.tmp`;
    try {
      const handle = await open(temporary, 'w');
      try {
        await writeAll(handle, chunks);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw storageErrorOf(error, `writing ${path}`);
    }
    await this.#syncSelf();
  }

  async rename(from: string, to: string): Promise<void> {
    await attempt(`renaming ${this.#join(from)}`, () => rename(this.#join(from), this.#join(to)));
    await this.#syncSelf();
  }

  async moveInto(name: string, subdirectory: string): Promise<string> {
    const target = await this.subdirectory(subdirectory);
    const taken = new Set(await target.list());
    let free = name;
    for (let count = 1; taken.has(free); count++) free = `${name}.${count}`;
    await attempt(`moving ${this.#join(name)}`, () => rename(this.#join(name), join(target.path, free)));
    await this.#syncSelf();
    return free;
  }

  async linkInto(name: string, target: StorageDirectory): Promise<void> {
    const from = this.#join(name);
    const to = join(target.path, name);
    const linked =
      target instanceof DiskDirectory &&
      (await rm(to, { force: true })
        .then(() => link(from, to))
        .then(
          () => true,
          // Other file systems, and those without hard links, get a copy.
          () => false,
        ));
    if (!linked) await target.writeAtomic(name, [await this.read(name)]);
    else await (target as DiskDirectory).#syncSelf();
  }

  async remove(name: string): Promise<void> {
    await attempt(`removing ${this.#join(name)}`, () => rm(this.#join(name), { force: true }));
    await this.#syncSelf();
  }

  async removeDirectory(name: string): Promise<void> {
    const path = this.#join(name);
    await attempt(`removing ${path}`, () => rm(path, { recursive: true, force: true }));
    await this.#syncSelf();
  }

  lock(): Promise<DirectoryLock> {
    return acquireLock(this.path);
  }

  #join(name: string): string {
    checkFileName(name);
    return join(this.path, name);
  }

  /** Syncing a folder is what makes a created, renamed or removed name durable; Windows has no such call. */
  async #syncSelf(): Promise<void> {
    if (process.platform === 'win32') return;
    await attempt(`syncing ${this.path}`, async () => {
      const handle = await open(this.path, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }
}

class DiskAppendFile implements AppendFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  /** Every write is as durable as fdatasync makes it. */
  readonly #syncsInWrites: boolean;
  #sizeBytes: number;
  #closed = false;

  constructor(handle: FileHandle, path: string, sizeBytes: number, syncsInWrites: boolean) {
    this.#syncsInWrites = syncsInWrites;
    this.#handle = handle;
    this.#path = path;
    this.#sizeBytes = sizeBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    await attempt(`appending to ${this.#path}`, () => writeAll(this.#handle, chunks));
    for (const chunk of chunks) this.#sizeBytes += chunk.length;
  }

  async sync(): Promise<void> {
    if (this.#syncsInWrites) return;
    await attempt(`syncing ${this.#path}`, () => this.#handle.datasync());
  }

  async truncate(sizeBytes: number): Promise<void> {
    await attempt(`truncating ${this.#path}`, async () => {
      await this.#handle.truncate(sizeBytes);
      await this.#handle.sync();
    });
    this.#sizeBytes = sizeBytes;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await attempt(`closing ${this.#path}`, () => this.#handle.close());
  }
}

const openAsync = promisify(openDescriptor);
const fstatAsync = promisify(fstat);
const readAsync = promisify(read);
const closeAsync = promisify(close);

/**
 * Closes files whose reader was dropped without `close`, as happens when retention drops a segment that a query still
 * reads. A FileHandle in that place would end the process (Node 26 makes its collection an error), hence plain descriptors.
 */
const forgottenReaders = new FinalizationRegistry<number>((descriptor) => close(descriptor, () => undefined));

class DiskReadFile implements ReadFile {
  readonly sizeBytes: number;
  readonly #descriptor: number;
  readonly #path: string;
  #closed = false;

  constructor(descriptor: number, path: string, sizeBytes: number) {
    this.#descriptor = descriptor;
    this.#path = path;
    this.sizeBytes = sizeBytes;
    forgottenReaders.register(this, descriptor, this);
  }

  async readInto(target: Uint8Array, offset: number): Promise<void> {
    if (this.#closed) throw new StorageError('STORAGE_CLOSED', `${this.#path} is closed.`);
    let done = 0;
    while (done < target.length) {
      const { bytesRead } = await attempt(`reading ${this.#path}`, () =>
        readAsync(this.#descriptor, target, done, target.length - done, offset + done),
      );
      if (bytesRead === 0) {
        throw new StorageError('STORAGE_CORRUPT', `${this.#path} ends before byte ${offset + target.length}.`);
      }
      done += bytesRead;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    forgottenReaders.unregister(this);
    await attempt(`closing ${this.#path}`, () => closeAsync(this.#descriptor));
  }
}

/** writev may write less than it was given (a nearly full disk does that), so the rest is written again. */
async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  for (let from = 0; from < chunks.length; from += CHUNKS_PER_WRITE_MAX) {
    let rest = chunks.slice(from, from + CHUNKS_PER_WRITE_MAX).filter((chunk) => chunk.length > 0);
    while (rest.length > 0) {
      const { bytesWritten } = await handle.writev(rest);
      rest = dropBytes(rest, bytesWritten);
    }
  }
}

function dropBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  let index = 0;
  while (index < chunks.length && left >= chunks[index]!.length) left -= chunks[index++]!.length;
  const rest = chunks.slice(index);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}
