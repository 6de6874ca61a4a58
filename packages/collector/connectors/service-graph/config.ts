// The configuration of the service graph connector, with the keys and defaults of the real one.
import type { ConfigNode } from '@mario/service';
import { count, durationMs, flag, type ReadContext } from '../../config/read-context.ts';
import { type DurationShape, defaultBoundsMs } from '../series/durations.ts';

export interface ServiceGraphConfig {
  /** Of how long requests took, in seconds. */
  readonly durations: DurationShape;
  /** Attributes that become `client_…` and `server_…`. */
  readonly dimensions: readonly string[];
  /** Halves of edges that wait for the other one, and for how long. */
  readonly waitingMax: number;
  readonly waitingMs: number;
  readonly expiryPeriodMs: number;
  /** What names the other side of a call that nobody answered, the best first. */
  readonly peerAttributes: readonly string[];
  readonly virtualNodeLabel: boolean;
  readonly databaseNameAttributes: readonly string[];
  /** 0: after each batch. */
  readonly flushIntervalMs: number;
}

const defaultFlushIntervalMs = 60_000;
const defaultWaitingMax = 1000;
const defaultWaitingMs = 2000;
const defaultExpiryPeriodMs = 2000;
const exponentialSizeDefault = 160;

const defaultPeerAttributes = [
  'peer.service',
  'db.name',
  'net.sock.peer.addr',
  'net.peer.name',
  'rpc.service',
  'net.sock.peer.name',
  'http.url',
  'http.target',
];

export function readServiceGraphConfig(node: ConfigNode, _context: ReadContext): ServiceGraphConfig {
  const fields = node.fields({
    latency_histogram_buckets: 'used',
    exponential_histogram_max_size: 'used',
    dimensions: 'used',
    store: 'used',
    store_expiration_loop: 'used',
    virtual_node_peer_attributes: 'used',
    virtual_node_extra_label: 'used',
    metrics_flush_interval: 'used',
    database_name_attribute: 'used',
    database_name_attributes: 'used',
    cache_loop: 'unused',
    metrics_exporter: 'unused',
    metrics_timestamp_offset: 'unused',
  });
  const { max_items, ttl } = fields.store?.fields({ max_items: 'used', ttl: 'used' }) ?? {};
  const oldDatabaseName = fields.database_name_attribute?.string();
  return {
    durations: readDurations(node, fields.latency_histogram_buckets, fields.exponential_histogram_max_size),
    dimensions: fields.dimensions?.strings() ?? [],
    waitingMax: count(max_items, defaultWaitingMax),
    waitingMs: durationMs(ttl, defaultWaitingMs),
    expiryPeriodMs: durationMs(fields.store_expiration_loop, defaultExpiryPeriodMs) || defaultExpiryPeriodMs,
    peerAttributes: fields.virtual_node_peer_attributes?.strings() ?? defaultPeerAttributes,
    virtualNodeLabel: flag(fields.virtual_node_extra_label, false),
    databaseNameAttributes: fields.database_name_attributes?.strings() ?? [oldDatabaseName ?? 'db.name'],
    flushIntervalMs: durationMs(fields.metrics_flush_interval, defaultFlushIntervalMs),
  };
}

function readDurations(
  node: ConfigNode,
  buckets: ConfigNode | undefined,
  exponentialSize: ConfigNode | undefined,
): DurationShape {
  const sizeMax = count(exponentialSize, 0);
  const given = buckets?.list() ?? [];
  if (given.length > 0 && sizeMax > 0) {
    node.error('use either `latency_histogram_buckets` or `exponential_histogram_max_size`');
  }
  if (sizeMax > 0) return { bounds: undefined, sizeMax: Math.max(2, sizeMax) };
  const boundsMs = given.length > 0 ? given.map((each) => durationMs(each, 0)) : defaultBoundsMs;
  return { bounds: boundsMs.map((ms) => ms / 1000), sizeMax: exponentialSizeDefault };
}
