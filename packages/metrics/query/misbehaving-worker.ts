/** A query thread for tests: expressions named after a misfortune meet it, all others are evaluated. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ToWorker, WorkerSetup } from './worker-messages.ts';
import { WorkerQueries } from './worker-queries.ts';

const port = parentPort!;
const queries = new WorkerQueries(workerData as WorkerSetup, (message, transfer = []) =>
  port.postMessage(message, [...transfer]),
);

port.on('message', (message: ToWorker) => {
  const expression = message.type === 'run' ? message.request.expression : '';
  if (expression.includes('spin')) while (true);
  if (expression.includes('crash')) {
    process.exit(3);
  }
  if (expression.includes('exhaust')) {
    const kept: object[] = [];
    while (true) kept.push({ kept: String(kept.length) });
  }
  queries.receive(message);
});
