import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort, missingPrograms, startRealServer } from '@mario/service/testing';
import type { ScrapeConfig, ScrapeProtocol } from '../config/scrape-config.ts';
import { acceptHeader, formatOf } from '../scrape/scrape-protocol.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ScrapeReader } from './scrape-reader.ts';
import type { ExpositionReader } from './scraped-samples.ts';

const EXPORTER = '/usr/bin/prometheus-node-exporter';
const missing = missingPrograms('prometheus-node-exporter', EXPORTER);

const READERS: Readonly<Record<string, () => ExpositionReader>> = {
  protobuf: () => new ProtobufReader({ nativeHistograms: true, alwaysClassic: true, startTimestamps: true }),
  openmetrics: () => new ScrapeReader('openmetrics', { startTimestamps: true }),
  text: () => new ScrapeReader('text'),
};

test("Debian's node exporter gives the same series in every format that it is asked for", {
  skip: missing,
}, async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const real = await startRealServer(EXPORTER, [`--web.listen-address=${address}`], `http://${address}`, '/metrics');
  try {
    const read = async (protocol: ScrapeProtocol) => {
      const response = await fetch(`${real.url}/metrics`, {
        headers: { accept: acceptHeader([protocol], 'allow-utf-8') },
      });
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
    await real.stop();
  }
});
