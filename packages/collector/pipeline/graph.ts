// Builds the running pipelines of a configuration, and starts and stops them in the order that loses nothing.
import type { Signal } from '@mario/otlp';
import type {
  Component,
  ComponentSettings,
  ConnectorFactory,
  Consume,
  ExporterFactory,
  NextBySignal,
  ProcessorFactory,
  Receiver,
  ReceiverFactory,
  Step,
} from '../component.ts';
import type { CollectorConfig, ComponentConfig } from '../config/collector-config.ts';
import type { PipelineConfig } from '../config/service-config.ts';
import { fanOut } from './fan-out.ts';

export interface Graph {
  /** Exporters first, receivers last, so that whoever takes data can already pass it on. */
  start(): Promise<void>;
  /** Receivers first, exporters last, so that everything taken in goes out. All are shut down even if some fail. */
  shutdown(): Promise<void>;
  /** Where its components listen, receivers first. */
  readonly addresses: readonly string[];
}

export type SettingsOf = (component: ComponentConfig) => ComponentSettings;

/** The configuration has no errors and needs nothing unsupported: the caller has made sure. */
export function buildGraph(config: CollectorConfig, settingsOf: SettingsOf): Graph {
  const builder = new GraphBuilder(config.service.pipelines, settingsOf);
  const receivers = builder.receivers();
  const downstream = builder.downstream();
  let started = false;
  return {
    async start() {
      started = true;
      for (const component of [...downstream].reverse()) await component.start();
      for (const receiver of receivers) await receiver.start();
    },
    async shutdown() {
      if (!started) return;
      started = false;
      const errors: unknown[] = [];
      for (const component of [...receivers, ...downstream]) {
        await component.shutdown().catch((error: unknown) => errors.push(error));
      }
      if (errors.length > 0) throw errors[0];
    },
    get addresses() {
      return [...receivers, ...downstream].flatMap((component) => component.addresses ?? []);
    },
  };
}

class GraphBuilder {
  private readonly pipelines: readonly PipelineConfig[];
  private readonly settingsOf: SettingsOf;
  private readonly heads = new Map<string, Consume<Signal>>();
  private readonly sinks = new Map<string, Step<Signal>>();
  /** Processors and connectors in the order in which data passes them, so that what a connector holds can still go on. */
  private readonly steps: Component[] = [];
  private readonly exporters: Component[] = [];

  constructor(pipelines: readonly PipelineConfig[], settingsOf: SettingsOf) {
    this.pipelines = pipelines;
    this.settingsOf = settingsOf;
    for (const pipeline of pipelines) this.head(pipeline);
  }

  receivers(): Receiver[] {
    const made = new Map<string, Receiver>();
    for (const { receivers } of this.pipelines) {
      for (const receiver of receivers) {
        if (receiver.factory?.kind !== 'receiver' || made.has(receiver.id.text)) continue;
        const factory = receiver.factory as ReceiverFactory;
        made.set(receiver.id.text, factory.create(receiver.config, this.settingsOf(receiver), this.next(receiver)));
      }
    }
    return [...made.values()];
  }

  /** Everything after the receivers, upstream before downstream. */
  downstream(): Component[] {
    return [...this.steps, ...this.exporters];
  }

  /** The consumers of a receiver's or connector's pipelines, by signal. */
  private next(source: ComponentConfig): NextBySignal {
    const bySignal: { [S in Signal]?: Consume<S> } = {};
    for (const signal of ['traces', 'metrics', 'logs'] as const) {
      const targets = this.pipelines.filter(
        (pipeline) => pipeline.signal === signal && pipeline.receivers.some(({ id }) => id.text === source.id.text),
      );
      const heads = targets.map((pipeline) => this.head(pipeline));
      if (heads.length > 0) bySignal[signal] = fanOut(heads);
    }
    return bySignal;
  }

  /** Where a pipeline begins. Built from its end; connectors lead on to other pipelines, which form no cycle. */
  private head(pipeline: PipelineConfig): Consume<Signal> {
    const known = this.heads.get(pipeline.id);
    if (known !== undefined) return known;
    let consume = fanOut(pipeline.exporters.map((exporter) => this.sink(exporter, pipeline.signal)));
    const steps: Component[] = [];
    for (const processor of pipeline.processors.toReversed()) {
      const factory = processor.factory as ProcessorFactory;
      const step = factory.create(pipeline.signal, processor.config, this.settingsOf(processor), consume);
      consume = this.counted(pipeline.signal, processor, step.consume);
      steps.unshift(step);
    }
    // Pipelines that a connector feeds were built just now, so their processors come after these.
    this.steps.unshift(...steps);
    this.heads.set(pipeline.id, consume);
    return consume;
  }

  private counted(signal: Signal, processor: ComponentConfig, consume: Consume<Signal>): Consume<Signal> {
    const { pipelineMetrics, id } = this.settingsOf(processor);
    return async (batch) => {
      pipelineMetrics.processorIncoming(signal, id, batch.count);
      await consume(batch);
      pipelineMetrics.processorOutgoing(signal, id, batch.count);
    };
  }

  private sink(target: ComponentConfig, signal: Signal): Consume<Signal> {
    const key = `${target.kind} ${target.id.text} ${signal}`;
    let step = this.sinks.get(key);
    if (step === undefined) {
      step = target.kind === 'connector' ? this.connector(target, signal) : this.exporter(target, signal);
      this.sinks.set(key, step);
    }
    return step.consume;
  }

  private exporter(target: ComponentConfig, signal: Signal): Step<Signal> {
    const factory = target.factory as ExporterFactory;
    const settings = this.settingsOf(target);
    settings.pipelineMetrics.introduceExporter(signal, settings.id);
    const step = factory.create(signal, target.config, settings);
    this.exporters.push(step);
    return step;
  }

  /** One instance for each signal that the connector's pipelines take. */
  private connector(target: ComponentConfig, from: Signal): Step<Signal> {
    const factory = target.factory as ConnectorFactory;
    const next = this.next(target);
    const steps = factory.routes
      .filter((route) => route.from === from && next[route.to] !== undefined)
      .map((route) => factory.create(route, target.config, this.settingsOf(target), next[route.to] as Consume<Signal>));
    this.steps.unshift(...steps);
    return { ...steps[0]!, consume: fanOut(steps.map((step) => step.consume)) } as Step<Signal>;
  }
}
