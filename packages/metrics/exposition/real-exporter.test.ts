import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { ScrapeConfig, ScrapeProtocol } from '../config/scrape-config.ts';
import { acceptHeader, formatOf } from '../scrape/scrape-protocol.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ScrapeReader } from './scrape-reader.ts';
import type { ExpositionReader } from './scraped-samples.ts';

const EXPORTER = '/usr/bin/prometheus-node-exporter';
const missing = existsSync(EXPORTER) ? false : "skipped: Debian's package prometheus-node-exporter is not installed";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answered(child: ChildProcess, url: string): Promise<void> {
  while (child.exitCode === null) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${EXPORTER} ended with code ${child.exitCode}`);
}

const READERS: Readonly<Record<string, () => ExpositionReader>> = {
  protobuf: () => new ProtobufReader({ nativeHistograms: true, alwaysClassic: true, startTimestamps: true }),
  openmetrics: () => new ScrapeReader('openmetrics', { startTimestamps: true }),
  text: () => new ScrapeReader('text'),
};

test("Debian's node exporter gives the same series in every format that it is asked for", {
  skip: missing,
}, async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(EXPORTER, [`--web.listen-address=${url.slice('http://'.length)}`], { stdio: 'ignore' });
  try {
    await answered(child, url);
    const read = async (protocol: ScrapeProtocol) => {
      const response = await fetch(`${url}/metrics`, { headers: { accept: acceptHeader([protocol], 'allow-utf-8') } });
      const format = formatOf(response.headers.get('content-type')!, {} as ScrapeConfig);
      const bytes = Buffer.from(await response.arrayBuffer());
      const reader = READERS[format]!();
      const { entries, count } = reader.read(bytes, bytes.length);
      const series = Array.from(entries.subarray(0, count), (entry) => String(reader.labelsOf(entry)));
      return { format, series: series.sort(), types: reader.metadata };
    };
    const text = await read('PrometheusText0.0.4');
    const protobuf = await read('PrometheusProto');
    assert.deepEqual([text.format, protobuf.format], ['text', 'protobuf']);
    assert.ok(text.series.length > 100);
    assert.deepEqual(protobuf.series, text.series);
    assert.equal(protobuf.types.get('node_load1')?.type, text.types.get('node_load1')?.type);
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
});
