// Group commit for SQLite: transactions that commit while the disk is busy share the next sync.
//
// With `synchronous = NORMAL` SQLite writes a commit into the write-ahead log and leaves the sync to the next checkpoint.
// Here every transaction waits until the log is synced after its commit, so what is acknowledged survives a power cut as
// with FULL; but one sync serves all that committed before it began, and it runs beside the main thread.
// (SQLite, "Write-Ahead Logging", section 3; the header of a new log is synced by SQLite itself, directory included.)

import { type FileHandle, open } from 'node:fs/promises';

export class WalSync {
  readonly #sync: () => Promise<void>;
  /** Commits that wrote something, and how many of them the disk has. */
  #commits = 0;
  #synced = 0;
  #running: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  noteCommit(): void {
    this.#commits += 1;
  }

  /** Resolves when every commit noted before the call is on the disk. Rejects when the disk refuses. */
  async durable(): Promise<void> {
    const wanted = this.#commits;
    while (this.#synced < wanted) {
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  async #run(): Promise<void> {
    // What commits from now on may or may not be part of this sync; it waits for the next.
    const commits = this.#commits;
    await this.#sync();
    this.#synced = commits;
  }
}

/** Syncs the log of the database file; the log is there from the first write until the last connection closes. */
export class WalFile {
  readonly #path: string;
  #file: Promise<FileHandle> | undefined;

  constructor(databasePath: string) {
    this.#path = `${databasePath}-wal`;
  }

  readonly sync = async (): Promise<void> => {
    this.#file ??= open(this.#path, 'r+');
    try {
      await (await this.#file).datasync();
    } catch (error) {
      this.#file = undefined;
      throw error;
    }
  };

  async close(): Promise<void> {
    const file = await this.#file?.catch(() => undefined);
    this.#file = undefined;
    await file?.close();
  }
}
