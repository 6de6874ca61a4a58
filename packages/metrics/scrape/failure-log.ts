/** `scrape_failure_log_file`: why scrapes failed, a line of JSON each, with the real server's fields. */
import { appendFile, rename, stat } from 'node:fs/promises';
import type { Clock, Log } from '@mario/service';

/** The file then becomes `FILE.1`, in place of an older one: a target that is away for a year must not fill the disk. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Lines that wait for the disk; more are left out. */
const WAITING_MAX = 1_000;

export class FailureLog {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #complained = false;

  constructor(path: string, clock: Clock, log: Log) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
  }

  /** Returns at once; what cannot be written is logged once. */
  add(job: string, target: string, message: string): void {
    if (this.#waiting.length >= WAITING_MAX) return;
    const time = new Date(this.#clock.nowMs()).toISOString();
    this.#waiting.push(`${JSON.stringify({ time, level: 'ERROR', msg: message, job_name: job, target })}\n`);
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
  }

  /** Resolves when everything that was added is in the file. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0).join('');
      try {
        const { size } = await stat(this.#path).catch(() => ({ size: 0 }));
        if (size > FILE_BYTES_MAX) await rename(this.#path, `${this.#path}.1`);
        await appendFile(this.#path, lines);
      } catch (error) {
        if (!this.#complained) this.#log.error('the log of failed scrapes cannot be written', { error });
        this.#complained = true;
      }
    }
  }
}
