/** One process of `mario up`: started, watched, started again when it dies, stopped when asked. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Log } from '@mario/service';

/** First pause before a restart; doubles up to the longest, so that a broken process does not spin. */
const RESTART_DELAY_MS = 500;
const RESTART_DELAY_MS_MAX = 30_000;

/** A process that ran at least this long is taken for healthy: its next restart comes fast again. */
const HEALTHY_AFTER_MS = 60_000;

/** Draining takes a few seconds at most (flush telemetry, finish requests, seal the log); then it is cut off. */
const STOP_TIMEOUT_MS = 20_000;

export interface ChildOptions {
  readonly name: string;
  /** Script and arguments for this Node. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Its standard output is not shown: what it says there, it also sends to the stack. */
  readonly quiet?: boolean;
}

export class SupervisedChild {
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;
  #stopping = false;
  #delayMs = RESTART_DELAY_MS;
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it; resolves with its addresses when it is ready, rejects when it ends before that. */
  start(): Promise<Readonly<Record<string, string>>> {
    return new Promise((resolve, reject) => {
      const child = this.#spawn();
      child.once('message', (message: { addresses: Record<string, string> }) => {
        child.off('exit', failed);
        child.once('exit', (code, signal) => this.#ended(code, signal));
        resolve(message.addresses);
      });
      const failed = (code: number | null, signal: string | null) => {
        const how = code === null ? `was ended by ${signal}` : `ended with code ${code}`;
        reject(new Error(`${this.#options.name} ${how} before it was ready`));
      };
      child.once('exit', failed);
      child.once('error', reject);
    });
  }

  /** Asks it to stop and waits; harmless when it is not running. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.#options.log.warn('does not stop, is ended', { process: this.#options.name, afterMs: STOP_TIMEOUT_MS });
      child.kill('SIGKILL');
    }, STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  #spawn(): ChildProcess {
    const startedMs = performance.now();
    // A group of its own: Ctrl-C reaches `mario up` alone, which stops its processes in the right order.
    const child = spawn(process.execPath, [...process.execArgv, ...this.#options.args], {
      stdio: ['ignore', this.#options.quiet === true ? 'ignore' : 'inherit', 'inherit', 'ipc'],
      env: this.#options.env,
      detached: true,
    });
    child.once('exit', () => {
      if (performance.now() - startedMs > HEALTHY_AFTER_MS) this.#delayMs = RESTART_DELAY_MS;
    });
    this.#process = child;
    return child;
  }

  #ended(code: number | null, signal: string | null): void {
    if (this.#stopping) return;
    const { log, name } = this.#options;
    log.error('ended unexpectedly, starts again', { process: name, code, signal, inMs: this.#delayMs });
    this.#restartTimer = setTimeout(() => this.#restart(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, RESTART_DELAY_MS_MAX);
  }

  #restart(): void {
    const { log, name } = this.#options;
    this.start().then(
      () => log.info('runs again', { process: name, pid: this.pid }),
      (error: Error) => {
        log.error(error.message, { process: name });
        this.#ended(null, null);
      },
    );
  }
}
