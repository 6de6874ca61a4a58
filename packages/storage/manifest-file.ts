/** The manifest over a directory: one atomic file per generation (layout: docs/format/manifest.md). */

import { crc32 } from 'node:zlib';
import { QUARANTINE, type StorageDirectory } from './directory.ts';
import type { Manifest, ManifestEntry, ManifestState } from './manifest.ts';
import { StorageError } from './storage-error.ts';

const VERSION = 1;
const HEADER_BYTES = 24;
const MAGIC = 0x4e41_4d4d; // "MMAN", little endian

/** The newest and the one before it, to fall back to. */
const GENERATIONS_KEPT = 2;

const EMPTY: ManifestState = { generation: 0, entries: [], walSequence: 0, meta: {} };

/** Opens the manifest of a folder that the caller has locked. Throws STORAGE_VERSION when a newer program wrote it. */
export async function openManifest(options: { readonly directory: StorageDirectory }): Promise<Manifest> {
  const { directory } = options;
  let corruptCount = 0;
  for (const name of (await manifestNames(directory)).reverse()) {
    const state = decodeManifest(await directory.read(name), name);
    if (state !== undefined) return new FileManifest(directory, state, corruptCount);
    corruptCount++;
    await directory.moveInto(name, QUARANTINE);
  }
  return new FileManifest(directory, EMPTY, corruptCount);
}

class FileManifest implements Manifest {
  readonly corruptCount: number;
  readonly #directory: StorageDirectory;
  #state: ManifestState;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(directory: StorageDirectory, state: ManifestState, corruptCount: number) {
    this.#directory = directory;
    this.#state = state;
    this.corruptCount = corruptCount;
  }

  get state(): ManifestState {
    return this.#state;
  }

  commit(change: (state: ManifestState) => Omit<ManifestState, 'generation'>): Promise<ManifestState> {
    const result = this.#turn.then(async () => {
      const next: ManifestState = { ...change(this.#state), generation: this.#state.generation + 1 };
      await this.#directory.writeAtomic(manifestName(next.generation), [encodeManifest(next)]);
      this.#state = next;
      // The commit stands; an old generation that stays longer costs a few bytes and is removed by the next commit.
      await this.#removeOld().catch(() => undefined);
      return next;
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async removeOrphans(directory: StorageDirectory, isSegment: (name: string) => boolean): Promise<readonly string[]> {
    const live = new Set(this.#state.entries.map((entry) => entry.name));
    const removed: string[] = [];
    for (const name of await directory.list()) {
      // "x.tmp" is what an interrupted writeAtomic of x leaves.
      if (!isSegment(name.replace(/\.tmp$/, '')) || live.has(name)) continue;
      if (this.corruptCount > 0 && !name.endsWith('.tmp')) await directory.moveInto(name, QUARANTINE);
      else await directory.remove(name);
      removed.push(name);
    }
    return removed;
  }

  async #removeOld(): Promise<void> {
    const names = await manifestNames(this.#directory);
    for (const name of names.slice(0, -GENERATIONS_KEPT)) await this.#directory.remove(name);
  }
}

function manifestName(generation: number): string {
  return `manifest-${String(generation).padStart(16, '0')}`;
}

async function manifestNames(directory: StorageDirectory): Promise<string[]> {
  return (await directory.list()).filter((name) => /^manifest-\d{16}$/.test(name));
}

function encodeManifest(state: ManifestState): Uint8Array {
  const { generation, ...body } = state;
  const json = new TextEncoder().encode(JSON.stringify(body));
  const bytes = new Uint8Array(HEADER_BYTES + json.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setBigUint64(8, BigInt(generation), true);
  view.setUint32(16, json.length, true);
  bytes.set(json, HEADER_BYTES);
  view.setUint32(20, crc32(json, crc32(bytes.subarray(0, 20))), true);
  return bytes;
}

/** The state, or undefined when the file is damaged. */
function decodeManifest(bytes: Uint8Array, name: string): ManifestState | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const json = bytes.subarray(HEADER_BYTES);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(16, true) !== json.length) return undefined;
  if (view.getUint32(20, true) !== crc32(json, crc32(bytes.subarray(0, 20)))) return undefined;
  if (view.getUint16(4, true) > VERSION) {
    throw new StorageError(
      'STORAGE_VERSION',
      `${name} was written by a newer version of this program: use that version, or another folder with --data.`,
    );
  }
  const generation = Number(view.getBigUint64(8, true));
  if (manifestName(generation) !== name) return undefined;
  // The checksum fits, so these are the bytes that encodeManifest wrote, and their shape is known.
  const body = JSON.parse(new TextDecoder().decode(json)) as {
    entries: ManifestEntry[];
    walSequence: number;
    meta: Record<string, unknown>;
  };
  return { generation, entries: body.entries, walSequence: body.walSequence, meta: body.meta };
}
