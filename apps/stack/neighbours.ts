/** The Compose names that configuration files use, and where they are when everything runs on one machine. */
import type { NetworkMap } from '@mario/service';

/** Name and port in deploy/compose.yaml, and the port without offset here. The stores put themselves on the map. */
const NEIGHBOURS: readonly (readonly [authority: string, port: number])[] = [
  ['mario-pizzeria-app:8080', 8080],
  ['otel-collector:4317', 4317],
  ['otel-collector:4318', 4318],
  ['otel-collector:8888', 8888],
  ['otel-collector:8889', 8889],
  ['otel-collector:13133', 13133],
  ['prometheus:9090', 9090],
  // Grafana listens on 3000 inside its container; 3001 is what Compose publishes.
  ['grafana:3000', 3001],
];

export function registerNeighbours(network: NetworkMap, host: string, portOffset: number): void {
  for (const [authority, port] of NEIGHBOURS)
    network.register(authority, { host: reachable(host), port: port + portOffset });
}

/** A server that listens on every interface is reached on loopback. */
export function reachable(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}
