// What every component of the collector is. Each lives in a folder of its own: configuration, factory, README, test.

import type { Signal, SignalBatch } from '@mario/otlp';
import type { Clock, ConfigNode, Log, NetworkMap, OwnMetrics } from '@mario/service';
import type { ReadContext } from './config/read-context.ts';
import type { PipelineMetrics } from './telemetry/pipeline-metrics.ts';

/**
 * Takes one batch. The promise keeps the promise of the consumer interface in @mario/otlp: it resolves once the data is
 * durable (or as safe as the exporter's configuration says), it rejects with `PermanentError` or `RetryableError`.
 */
export type Consume<S extends Signal> = (batch: SignalBatch[S]) => Promise<void>;

/** The ways that lead on from a component, for the signals of its pipelines. */
export type NextBySignal = { readonly [S in Signal]?: Consume<S> };

/**
 * Lifecycle. `start` resolves when the component is ready; it rejects with an OperatingError that says what is wrong.
 * `shutdown` comes after everything upstream was shut down: it hands on what it holds and resolves when nothing is left.
 * It is called once, also when `start` failed or was never called.
 */
export interface Component {
  /** Where it listens, if it does, once started: `http://127.0.0.1:8889`. */
  readonly addresses?: readonly string[];
  start(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What components are given. */
export interface ComponentSettings {
  /** As in the configuration: `otlp`, `otlp_http/loki`. */
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly network: NetworkMap;
  readonly ownMetrics: OwnMetrics;
  readonly pipelineMetrics: PipelineMetrics;
  /** Of this collector: another after each start, unless `service.telemetry.resource` says `service.instance.id`. */
  readonly instanceId: string;
  /** Where to listen for an endpoint of the configuration: every interface becomes the host that was asked for. */
  readonly listenAddress: (endpoint: string) => ListenAddress;
  /** One instance for all pipelines that name this component, made by the first. */
  readonly shared: <T>(make: () => T) => T;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

interface Factory<Config> {
  /** The snake_case name, and the older ones that mean the same. */
  readonly types: readonly string[];
  /** Reads the component's mapping (null for `name:` with nothing behind it); what is wrong becomes an issue. */
  readConfig(node: ConfigNode, context: ReadContext): Config;
}

export interface ReceiverFactory<Config = unknown> extends Factory<Config> {
  readonly kind: 'receiver';
  readonly signals: readonly Signal[];
  /** One instance serves all pipelines that name it; `next` has the signals of those pipelines. */
  create(config: Config, settings: ComponentSettings, next: NextBySignal): Receiver;
}

export type Receiver = Component;

export interface ProcessorFactory<Config = unknown> extends Factory<Config> {
  readonly kind: 'processor';
  readonly signals: readonly Signal[];
  /** One instance per pipeline. */
  create<S extends Signal>(signal: S, config: Config, settings: ComponentSettings, next: Consume<S>): Step<S>;
}

export interface ExporterFactory<Config = unknown> extends Factory<Config> {
  readonly kind: 'exporter';
  readonly signals: readonly Signal[];
  /** One instance per signal, shared by the pipelines of that signal. */
  create<S extends Signal>(signal: S, config: Config, settings: ComponentSettings): Step<S>;
}

export interface ConnectorFactory<Config = unknown> extends Factory<Config> {
  readonly kind: 'connector';
  /** Which signal it takes and which it gives. */
  readonly routes: readonly { readonly from: Signal; readonly to: Signal }[];
  create<From extends Signal, To extends Signal>(
    route: { readonly from: From; readonly to: To },
    config: Config,
    settings: ComponentSettings,
    next: Consume<To>,
  ): Step<From>;
}

export interface ExtensionFactory<Config = unknown> extends Factory<Config> {
  readonly kind: 'extension';
  create(config: Config, settings: ComponentSettings): Extension;
}

export interface Extension extends Component {
  /** Called when all pipelines run, and again when they are about to stop. */
  pipelinesReady(ready: boolean): void;
}

/** A component that takes batches. */
export interface Step<S extends Signal> extends Component {
  readonly consume: Consume<S>;
}

export type AnyFactory = ReceiverFactory | ProcessorFactory | ExporterFactory | ConnectorFactory | ExtensionFactory;
export type ComponentKind = AnyFactory['kind'];
