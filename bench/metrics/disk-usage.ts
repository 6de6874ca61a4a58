/** Bytes a sample takes once it is sealed in files that no longer change. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from './servers.ts';

/** `sampleCount` is what the server was given. Undefined when nothing is sealed yet. */
export async function sealedBytesPerSample(server: Server, sampleCount: number): Promise<number | undefined> {
  await server.seal();
  switch (server.name) {
    case 'mario':
      return bytesBelow(join(server.folder, 'blocks')) / sampleCount;
    case 'victoria':
      return (bytesBelow(join(server.folder, 'data')) + bytesBelow(join(server.folder, 'indexdb'))) / sampleCount;
    case 'prometheus':
      return prometheusBlocks(server.folder);
  }
}

/** Prometheus seals by its own clock: what its finished blocks say of themselves. */
function prometheusBlocks(folder: string): number | undefined {
  let bytes = 0;
  let samples = 0;
  for (const entry of readdirSync(folder)) {
    const meta = join(folder, entry, 'meta.json');
    if (!existsSync(meta)) continue;
    bytes += bytesBelow(join(folder, entry));
    samples += (JSON.parse(readFileSync(meta, 'utf8')) as { stats: { numSamples: number } }).stats.numSamples;
  }
  return samples === 0 ? undefined : bytes / samples;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
