/** A pool of database connections as the semantic conventions measure it (`db.client.connection.*`). */
import type { InstrumentDefinition } from '../metrics/instrument-definition.ts';
import { instruments } from '../metrics/registry.ts';

const pool = { 'db.client.connection.pool.name': 'Name of the pool: host, port and database' };
const POOLED = 'with a pool of connections (PostgreSQL)';
const SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

export const connectionPoolDefinitions = {
  count: {
    name: 'db.client.connection.count',
    kind: 'upDownCounter',
    unit: '{connection}',
    meaning: 'Connections that are in a state',
    attributes: { ...pool, 'db.client.connection.state': 'idle, used' },
    conditional: POOLED,
  },
  max: {
    name: 'db.client.connection.max',
    kind: 'upDownCounter',
    unit: '{connection}',
    meaning: 'Connections that the pool may open',
    attributes: pool,
    conditional: POOLED,
  },
  pending: {
    name: 'db.client.connection.pending_requests',
    kind: 'upDownCounter',
    unit: '{request}',
    meaning: 'Callers that wait for a connection',
    attributes: pool,
    conditional: POOLED,
  },
  timeouts: {
    name: 'db.client.connection.timeouts',
    kind: 'counter',
    unit: '{timeout}',
    meaning: 'Callers that waited for a connection in vain',
    attributes: pool,
    conditional: 'when a caller waits in vain',
  },
  createTime: {
    name: 'db.client.connection.create_time',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time that opening a connection took',
    attributes: pool,
    boundaries: SECONDS,
    conditional: POOLED,
  },
  waitTime: {
    name: 'db.client.connection.wait_time',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time that callers waited for a connection',
    attributes: pool,
    boundaries: SECONDS,
    conditional: POOLED,
  },
  useTime: {
    name: 'db.client.connection.use_time',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time between taking a connection and giving it back',
    attributes: pool,
    boundaries: SECONDS,
    conditional: POOLED,
  },
} as const satisfies Record<string, InstrumentDefinition>;

/** What a pool tells of itself; any pool can be put into this shape. */
export interface MeasuredPool {
  readonly name: string;
  readonly connectionsMax: number;
  idle(): number;
  used(): number;
  waiting(): number;
  /** Calls the listener at the end of each wait, each opening and each use, and at each wait in vain. */
  listen(listener: {
    waited(durationMs: number): void;
    opened(durationMs: number): void;
    held(durationMs: number): void;
    timedOut(): void;
  }): void;
}

/** Measures the pool for as long as it lives; the returned function takes its connections out of the counts. */
export function measureConnectionPool(measured: MeasuredPool): () => void {
  const { name, connectionsMax } = measured;
  const attributes = { 'db.client.connection.pool.name': name };
  const count = instruments.upDownCounter(connectionPoolDefinitions.count);
  const pending = instruments.upDownCounter(connectionPoolDefinitions.pending);
  const max = instruments.upDownCounter(connectionPoolDefinitions.max);
  const createTime = instruments.histogram(connectionPoolDefinitions.createTime).bind(attributes);
  const waitTime = instruments.histogram(connectionPoolDefinitions.waitTime).bind(attributes);
  const useTime = instruments.histogram(connectionPoolDefinitions.useTime).bind(attributes);
  const timeouts = instruments.counter(connectionPoolDefinitions.timeouts);
  const follow = [
    following((change) => count.add(change, { ...attributes, 'db.client.connection.state': 'idle' })),
    following((change) => count.add(change, { ...attributes, 'db.client.connection.state': 'used' })),
    following((change) => pending.add(change, attributes)),
  ] as const;
  const update = () => {
    follow[0](measured.idle());
    follow[1](measured.used());
    follow[2](measured.waiting());
  };
  max.add(connectionsMax, attributes);
  update();
  measured.listen({
    waited(durationMs) {
      waitTime.record(durationMs / 1000);
      update();
    },
    opened: (durationMs) => createTime.record(durationMs / 1000),
    held(durationMs) {
      useTime.record(durationMs / 1000);
      update();
    },
    timedOut() {
      timeouts.add(1, attributes);
      update();
    },
  });
  return () => {
    for (const set of follow) set(0);
    max.add(-connectionsMax, attributes);
  };
}

/** Turns readings into the changes that an up-down counter wants. */
function following(add: (change: number) => void): (value: number) => void {
  let last: number | undefined;
  return (value) => {
    if (value !== last) add(value - (last ?? 0));
    last = value;
  };
}
