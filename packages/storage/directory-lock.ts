/** The lock file that keeps two processes out of one store; a lock whose holder died is taken over. */

import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectoryLock } from './directory.ts';
import { StorageError, storageErrorOf } from './storage-error.ts';

const LOCK_FILE = 'LOCK';

/** Take-over races with others that do the same; each round has one winner, so a few rounds are plenty. */
const ATTEMPTS_MAX = 5;

/** Locks held by this very process: its own pid in a file is no sign of life when a container restarts with the same pid. */
const held = new Set<string>();

export async function acquireLock(path: string): Promise<DirectoryLock> {
  const file = join(path, LOCK_FILE);
  if (held.has(file)) throw locked(path, process.pid);
  held.add(file);
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (await create(file)) return lockHandle(file);
      await removeIfStale(path, file);
    }
  } catch (error) {
    held.delete(file);
    throw storageErrorOf(error, `locking ${path}`);
  }
  held.delete(file);
  throw locked(path, undefined);
}

function lockHandle(file: string): DirectoryLock {
  return {
    async release() {
      if (!held.has(file)) return;
      await rm(file, { force: true });
      held.delete(file);
    },
  };
}

async function create(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(`${process.pid} ${await startTimeOf(process.pid)}\n`);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false;
    throw error;
  }
}

/** Throws STORAGE_LOCKED when the holder lives; otherwise moves the stale file away, unless someone was faster. */
async function removeIfStale(path: string, file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const [pidText = '', started = ''] = text.trim().split(' ');
  const pid = Number(pidText);
  if (Number.isInteger(pid) && pid > 0 && pid !== process.pid && (await lives(pid, started))) throw locked(path, pid);
  const aside = `${file}.stale-${process.pid}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, 'utf8').catch(() => text);
  if (moved !== text) {
    // Another process replaced the stale lock by its own in between: what was moved is a living lock, so it goes back.
    await link(aside, file).catch(() => undefined);
  }
  await rm(aside, { force: true });
}

async function lives(pid: number, started: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: string }).code === 'ESRCH') return false;
  }
  const now = await startTimeOf(pid);
  if (now === ENDED) return false;
  return started === '' || now === '-' || started === '-' || now === started;
}

const ENDED = 'ended';

/** Ticks since boot at which the process started (field 22 of proc(5)), so that a reused pid is not taken for the holder. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended and holds no files; only its parent has not asked for its exit code yet.
  return fields?.[0] === 'Z' ? ENDED : (fields?.[19] ?? '-');
}

function locked(path: string, pid: number | undefined): StorageError {
  const holder = pid === undefined ? 'another process' : `process ${pid}`;
  return new StorageError(
    'STORAGE_LOCKED',
    `${path} is in use by ${holder}: stop it, or choose another folder with --data.`,
  );
}
