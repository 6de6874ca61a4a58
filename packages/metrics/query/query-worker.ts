/** A thread that evaluates queries. It reads samples where the store has them and gives back bytes. */
import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { ToWorker, WorkerSetup } from './worker-messages.ts';
import { WorkerQueries } from './worker-queries.ts';

/** Intake comes first: a query takes what it leaves. */
const NICE = 2;

if (parentPort === null) throw new Error('BUG: query-worker runs as a worker thread only');
// Linux has a priority for each thread and means the calling one; elsewhere this would slow the whole process down.
if (process.platform === 'linux') {
  try {
    os.setPriority(NICE);
  } catch {
    // Not permitted here: queries then share the processor evenly.
  }
}
const port = parentPort;
const queries = new WorkerQueries(workerData as WorkerSetup, (message, transfer = []) =>
  port.postMessage(message, [...transfer]),
);
port.on('message', (message: ToWorker) => queries.receive(message));
