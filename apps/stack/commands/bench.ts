/** `mario bench NAME`: runs a benchmark of the checkout in a process of its own, so that nothing else is measured. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, CommandFailure } from '../command.ts';

const BENCHMARKS: Readonly<Record<string, readonly [path: string, meaning: string]>> = {
  metrics: ['metrics/main.ts', 'the metrics service beside Prometheus and VictoriaMetrics: queries, intake, memory'],
  promql: ['promql/range-query.ts', 'the PromQL engine alone, over memory'],
  traces: ['traces.ts', 'the traces store: ingest, search, trace by id'],
  wal: ['storage-wal.ts', 'the write-ahead log'],
  orders: ['orders.ts', 'two hundred orders a second for a minute, on SQLite and PostgreSQL'],
  overhead: ['overhead/main.ts', 'what telemetry costs the pizzeria, beside the official automatic instrumentation'],
};

export const command: Command = {
  operands: 'NAME [ARGUMENT…]',
  options: [
    ...Object.entries(BENCHMARKS).map(([name, [, meaning]]) => [name, meaning] as const),
    ['--quick', 'of metrics: less data and shorter measurements'],
    ['--hours N', 'of metrics: hours of data (6)'],
    ['--rounds N', 'of metrics: interleaved rounds of each query (7)'],
    ['--only PART', 'of metrics: queries, scraping or memory; may be repeated'],
    ['--million', 'of metrics: also 1,000,000 active series'],
    ['--json', 'of metrics: all numbers instead of a table'],
  ],

  async run(args) {
    const [name, ...rest] = args;
    const entry = name === undefined ? undefined : BENCHMARKS[name];
    if (entry === undefined) {
      throw new CommandFailure(`needs the name of a benchmark: ${Object.keys(BENCHMARKS).join(', ')}`, 2);
    }
    const script = join(benchFolder(), entry[0]);
    if (!existsSync(script))
      throw new CommandFailure(`there is no ${script}: benchmarks run from a checkout of the sources`);
    return runScript(script, rest);
  },
};

/** Benchmarks are no part of the bundle: they stand in the checkout, above this file or above the bundle. */
function benchFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'bench', 'metrics')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'bench');
}

/** Ctrl-C reaches the script too, which ends its servers; its exit code is the command's. */
function runScript(script: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const wait = () => {};
    process.on('SIGINT', wait);
    const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGINT', wait);
      resolve(code ?? 1);
    });
  });
}
