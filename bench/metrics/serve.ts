/** The embedded metrics service in a process of its own: `serve.ts PORT FOLDER CONFIG`, told to seal or stop by messages. */
import { openMetricsService } from '../../packages/metrics/index.ts';
import { NetworkMap, silentLog, systemClock } from '../../packages/service/index.ts';
import { openDiskDirectory } from '../../packages/storage/index.ts';

const [port, folder, config] = process.argv.slice(2);
if (port === undefined || folder === undefined || config === undefined) {
  throw new Error('serve.ts is started by the benchmark: PORT FOLDER CONFIG');
}

const service = await openMetricsService({
  config: { path: config },
  directory: await openDiskDirectory(folder),
  clock: systemClock,
  log: silentLog,
  network: new NetworkMap(),
  host: '127.0.0.1',
  port: Number(port),
  portOffset: 0,
});

process.on('message', async (message) => {
  if (message === 'seal') {
    await service.store.flush();
    process.send?.(service.store.stats);
  }
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', async () => {
  await service.close();
  process.exit(0);
});
