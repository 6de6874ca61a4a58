/**
 * What must survive a crash: silences, what was told last (so that nobody hears it twice), and the history of messages.
 * Each change is a record of a write-ahead log; a whole state replaces the log when that has grown
 * (docs/format/metrics-notify.md).
 */
import type { Clock, Log } from '@mario/service';
import { openWriteAheadLog, type StorageDirectory, type WalRecord, type WriteAheadLog } from '@mario/storage';
import type { Told } from './needs-notification.ts';
import { restoreSilence, type Silence, type StoredSilence, storeSilence } from './silence.ts';

/** The log of notifications of one group at one receiver. */
export interface ToldEntry extends Told {
  /** `<group key>:<receiver>/webhook/<index>` */
  readonly key: string;
  readonly expiresAtMs: number;
}

/** One message that was sent, or could not be. */
export interface SentMessage {
  readonly atMs: number;
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alertNames: readonly string[];
  readonly firingCount: number;
  readonly resolvedCount: number;
  /** `nobody`: the receiver has no webhook. */
  readonly outcome: 'sent' | 'failed' | 'nobody';
  readonly error: string;
}

interface StoredState {
  readonly version: 1;
  readonly sequence: number;
  readonly silences: readonly StoredSilence[];
  readonly told: readonly ToldEntry[];
  readonly history: readonly SentMessage[];
}

/** `--data.retention` of the real one: ended silences and old entries are kept this long. */
export const RETENTION_MS = 120 * 3_600_000;

/** Messages that the page can show; people look at the last day, not at the last year. */
export const HISTORY_MAX = 500;

/** People and their scripts make silences by the dozen; more is a loop that forgot to end. */
export const SILENCES_MAX = 10_000;

/** The log is written anew as a state when it is this large: replayed within milliseconds. */
const LOG_BYTES_MAX = 1 << 20;

const STATE_FILE = 'state.json';
const RECORD_SILENCE = 1;
const RECORD_TOLD = 2;
const RECORD_MESSAGE = 3;

export interface NotifyStateOptions {
  readonly directory: StorageDirectory;
  readonly clock: Clock;
  readonly log: Log;
}

export class NotifyState {
  readonly #directory: StorageDirectory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #wal: WriteAheadLog;
  readonly #silences = new Map<string, Silence>();
  readonly #told = new Map<string, ToldEntry>();
  #history: SentMessage[] = [];
  #appliedSequence = 0;
  #compacting: Promise<void> | undefined;

  private constructor({ directory, clock, log }: NotifyStateOptions, wal: WriteAheadLog) {
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
    this.#wal = wal;
  }

  static async open(options: NotifyStateOptions): Promise<NotifyState> {
    const wal = await openWriteAheadLog({ directory: await options.directory.subdirectory('wal') });
    const state = new NotifyState(options, wal);
    const sequence = await state.#load();
    await wal.replay((record) => state.#replay(record), sequence);
    state.collect();
    return state;
  }

  get silences(): ReadonlyMap<string, Silence> {
    return this.#silences;
  }

  /** The newest last. */
  get history(): readonly SentMessage[] {
    return this.#history;
  }

  get toldCount(): number {
    return this.#told.size;
  }

  told(key: string): ToldEntry | undefined {
    return this.#told.get(key);
  }

  /** Durable when it resolves. */
  putSilence(silence: Silence): Promise<void> {
    return this.#append(RECORD_SILENCE, storeSilence(silence), () => this.#silences.set(silence.id, silence));
  }

  /** In memory at once: what was sent was sent, whatever the disk says. */
  async putTold(entry: ToldEntry): Promise<void> {
    this.#told.set(entry.key, entry);
    await this.#append(RECORD_TOLD, entry, () => {});
  }

  addMessage(message: SentMessage): Promise<void> {
    return this.#append(RECORD_MESSAGE, message, () => this.#addMessage(message));
  }

  /** Drops what is past its retention. */
  collect(): void {
    const nowMs = this.#clock.nowMs();
    for (const [id, { endsAtMs }] of this.#silences) if (endsAtMs + RETENTION_MS < nowMs) this.#silences.delete(id);
    for (const [key, { expiresAtMs }] of this.#told) if (expiresAtMs < nowMs) this.#told.delete(key);
  }

  async close(): Promise<void> {
    await this.#compacting;
    await this.#wal.close();
  }

  async #append(type: number, value: unknown, apply: () => void): Promise<void> {
    const sequence = await this.#wal.append(type, Buffer.from(JSON.stringify(value)));
    apply();
    this.#appliedSequence = sequence;
    if (this.#wal.sizeBytes <= LOG_BYTES_MAX) return;
    this.#compacting ??= this.#compact()
      .catch((error: unknown) => this.#log.error('the state of notifications could not be written', { error }))
      .finally(() => (this.#compacting = undefined));
  }

  async #compact(): Promise<void> {
    // Not the log's last one: of several that became durable together, the later ones are not in memory yet.
    const sequence = this.#appliedSequence;
    this.collect();
    const state: StoredState = {
      version: 1,
      sequence,
      silences: [...this.#silences.values()].map(storeSilence),
      told: [...this.#told.values()],
      history: this.#history,
    };
    await this.#directory.writeAtomic(STATE_FILE, [Buffer.from(JSON.stringify(state))]);
    await this.#wal.rotate();
    await this.#wal.truncateThrough(sequence);
  }

  /** The sequence after which the log goes on. */
  async #load(): Promise<number> {
    if (!(await this.#directory.list()).includes(STATE_FILE)) return 0;
    const bytes = await this.#directory.read(STATE_FILE);
    let state: StoredState;
    try {
      state = JSON.parse(Buffer.from(bytes).toString());
      if (state.version !== 1) throw new Error(`version ${String(state.version)} is not known`);
      for (const stored of state.silences) this.#silences.set(stored.id, restoreSilence(stored));
    } catch (error) {
      const name = await this.#directory.moveInto(STATE_FILE, 'quarantine');
      this.#log.error('the state of notifications is damaged and was set aside', { file: name, error });
      return 0;
    }
    for (const entry of state.told) this.#told.set(entry.key, entry);
    this.#history = [...state.history];
    return state.sequence;
  }

  #replay({ type, payload }: WalRecord): void {
    const value: unknown = JSON.parse(Buffer.from(payload).toString());
    if (type === RECORD_SILENCE) {
      const silence = restoreSilence(value as StoredSilence);
      this.#silences.set(silence.id, silence);
    } else if (type === RECORD_TOLD) {
      const entry = value as ToldEntry;
      this.#told.set(entry.key, entry);
    } else if (type === RECORD_MESSAGE) this.#addMessage(value as SentMessage);
  }

  #addMessage(message: SentMessage): void {
    this.#history.push(message);
    if (this.#history.length > HISTORY_MAX) this.#history.splice(0, this.#history.length - HISTORY_MAX);
  }
}
