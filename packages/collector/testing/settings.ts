// What a component is given in a test.
import { NetworkMap, OwnMetrics, silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import type { ComponentSettings } from '../component.ts';
import { PipelineMetrics } from '../telemetry/pipeline-metrics.ts';

export interface TestSettings extends ComponentSettings {
  readonly clock: FakeClock;
}

export function testSettings(id: string): TestSettings {
  const ownMetrics = new OwnMetrics();
  let shared: unknown;
  return {
    id,
    clock: new FakeClock(),
    log: silentLog,
    network: new NetworkMap(),
    ownMetrics,
    pipelineMetrics: new PipelineMetrics(ownMetrics),
    instanceId: 'c1',
    listenAddress: () => ({ host: '127.0.0.1', port: 0 }),
    shared: <T>(make: () => T): T => (shared ??= make()) as T,
  };
}

/** The value of one of the component's own metrics, as it is exposed. */
export function ownMetric(settings: ComponentSettings, line: string): number {
  const { body } = settings.ownMetrics.expose(undefined);
  const found = body.split('\n').find((each) => each.startsWith(`${line} `));
  return found === undefined ? Number.NaN : Number(found.slice(line.length + 1));
}
