/**
 * Sets up traces, metrics and logs for a process, from what the code says and OTEL_* overrides, and gives what the
 * application needs of it: the Prometheus page, a flush and a shutdown. Call it once, first of all.
 */
import {
  type MeterProvider as ApiMeterProvider,
  context,
  type DiagLogger,
  DiagLogLevel,
  diag,
  metrics,
  propagation,
  trace,
} from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import {
  ConsoleLogRecordExporter,
  LoggerProvider,
  type LogRecordProcessor,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  ConsoleMetricExporter,
  type IMetricReader,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { ConsoleSpanExporter, SimpleSpanProcessor, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { readEnvironment, type TelemetryEnvironment } from './environment.ts';
import { ExportBuffer } from './export/export-buffer.ts';
import type { RetryPolicy } from './export/export-queue.ts';
import { BufferedLogProcessor, BufferedMetricReader, BufferedSpanProcessor } from './export/processors.ts';
import { createLogEncoder, createQueue, createSpanEncoder, metricsSerializer } from './export/signal-exporter.ts';
import { instrumentFetch } from './http/fetch-telemetry.ts';
import { setLogSink } from './logging/log-sink.ts';
import { enableExemplars } from './metrics/exemplar.ts';
import { SCOPE_NAME, SCOPE_VERSION } from './metrics/instrument-definition.ts';
import { instruments } from './metrics/registry.ts';
import { type Exposition, PrometheusReader } from './prometheus/reader.ts';
import { createResource, type ServiceIdentity } from './resource.ts';
import { instrumentRuntime } from './runtime.ts';
import { createSampler } from './sampler.ts';
import { LeanTracer } from './trace/lean-tracer.ts';
import { setTracer } from './trace/tracer.ts';

export interface TelemetryOptions extends ServiceIdentity {
  /** Variables to read OTEL_* from; those of the process when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Memory for telemetry that waits for the collector; 64 MB when absent. */
  readonly exportBufferBytesMax?: number;
  readonly retry?: RetryPolicy;
  /** More span processors, called before the export's: for tests and for what an application wants to see itself. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** Told of everything that the telemetry itself has to say (bad variables, a collector that is away). */
  readonly warn?: (message: string) => void;
}

export interface Telemetry {
  /** False when OTEL_SDK_DISABLED is true: nothing is exported and the Prometheus page is empty. */
  readonly enabled: boolean;
  readonly resource: Resource;
  /** The page for `GET /api/metrics`, in the format that the Accept header prefers. */
  prometheus(accept: string | undefined): Promise<Exposition>;
  /** All metrics as data, for tests and checks. */
  collect(): Promise<ResourceMetrics>;
  /** Sends what has been recorded so far; resolves also when the collector does not answer within five seconds. */
  forceFlush(): Promise<void>;
  /** Flushes, stops and gives the global interfaces back. What could not be sent is counted and warned of. */
  shutdown(): Promise<void>;
}

export function configureTelemetry(options: TelemetryOptions): Telemetry {
  const warn = options.warn ?? ((message: string) => void process.stderr.write(`telemetry: ${message}\n`));
  const environment = readEnvironment(options.environment ?? process.env);
  for (const warning of environment.warnings) warn(warning);
  const resource = createResource(options, environment);
  if (environment.disabled) return disabledTelemetry(resource);

  diag.setLogger(diagLogger(warn), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(createPropagator(environment.propagators, warn));

  enableExemplars(environment.exemplars);
  const buffer = new ExportBuffer(options.exportBufferBytesMax);
  const tracerProvider = createTracerProvider(options, environment, resource, buffer, warn);
  trace.setGlobalTracerProvider(tracerProvider);
  const prometheus = new PrometheusReader();
  const meterProvider = createMeterProvider(options, environment, resource, buffer, prometheus);
  metrics.setGlobalMeterProvider(meterProvider);
  const loggerProvider = createLoggerProvider(options, environment, resource, buffer);
  logs.setGlobalLoggerProvider(loggerProvider);

  const stopRuntime = instrumentRuntime(meterProvider.getMeter(SCOPE_NAME, SCOPE_VERSION));
  const stopFetch = instrumentFetch(tracerProvider, meterProvider as ApiMeterProvider);
  const providers = [tracerProvider, meterProvider, loggerProvider];
  let stopping: Promise<void> | undefined;
  return {
    enabled: true,
    resource,
    prometheus: (accept) => prometheus.expose(accept),
    collect: () => prometheus.gather(),
    async forceFlush() {
      await Promise.allSettled(providers.map((provider) => provider.forceFlush()));
    },
    shutdown() {
      stopping ??= stop(providers, [stopRuntime, stopFetch]);
      return stopping;
    },
  };
}

async function stop(
  providers: readonly { shutdown(): Promise<void> }[],
  stops: readonly (() => void)[],
): Promise<void> {
  for (const each of stops) each();
  await Promise.allSettled(providers.map((provider) => provider.shutdown()));
  trace.disable();
  setTracer(undefined);
  setLogSink(undefined);
  metrics.disable();
  logs.disable();
  propagation.disable();
  context.disable();
  diag.disable();
  instruments.reset();
}

function createTracerProvider(
  options: TelemetryOptions,
  environment: TelemetryEnvironment,
  resource: Resource,
  buffer: ExportBuffer,
  warn: (message: string) => void,
): TracerProvider {
  const { exporter, target } = environment.signals.traces;
  const spanProcessors = [...(options.spanProcessors ?? [])];
  if (exporter === 'otlp') {
    const queue = createQueue('traces', target, buffer, options.retry);
    spanProcessors.push(new BufferedSpanProcessor(queue, createSpanEncoder(target), environment.spanBatch));
  } else if (exporter === 'console') {
    spanProcessors.push(new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }));
  }
  const sampler = createSampler(environment.sampler.name, environment.sampler.argument, warn);
  const { spanLimits } = environment;
  const scope = { name: SCOPE_NAME, version: SCOPE_VERSION };
  setTracer(new LeanTracer({ resource, scope, limits: spanLimits, processors: spanProcessors }, sampler));
  return new TracerProvider({ resource, sampler, spanLimits, spanProcessors });
}

function createMeterProvider(
  options: TelemetryOptions,
  environment: TelemetryEnvironment,
  resource: Resource,
  buffer: ExportBuffer,
  prometheus: PrometheusReader,
): MeterProvider {
  const { metricExportIntervalMs, metricExportTimeoutMs } = environment;
  const { exporter, target } = environment.signals.metrics;
  const readers: IMetricReader[] = [prometheus];
  if (exporter === 'otlp') {
    const queue = createQueue('metrics', target, buffer, options.retry);
    const serialize = metricsSerializer(target);
    readers.push(new BufferedMetricReader(queue, serialize, metricExportIntervalMs, metricExportTimeoutMs));
  } else if (exporter === 'console') {
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: new ConsoleMetricExporter(),
        exportIntervalMillis: metricExportIntervalMs,
        exportTimeoutMillis: Math.min(metricExportTimeoutMs, metricExportIntervalMs),
        metricProducers: [instruments],
      }),
    );
  }
  return new MeterProvider({ resource, readers });
}

function createLoggerProvider(
  options: TelemetryOptions,
  environment: TelemetryEnvironment,
  resource: Resource,
  buffer: ExportBuffer,
): LoggerProvider {
  const { exporter, target } = environment.signals.logs;
  const processors: LogRecordProcessor[] = [];
  if (exporter === 'otlp') {
    const queue = createQueue('logs', target, buffer, options.retry);
    const processor = new BufferedLogProcessor(queue, createLogEncoder(target), environment.logBatch);
    processors.push(processor);
    setLogSink({ resource, take: (record) => processor.take(record) });
  } else if (exporter === 'console') {
    processors.push(new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() }));
  }
  return new LoggerProvider({ resource, processors });
}

function createPropagator(names: readonly string[], warn: (message: string) => void): CompositePropagator {
  const propagators = [];
  for (const name of names) {
    if (name === 'tracecontext') propagators.push(new W3CTraceContextPropagator());
    else if (name === 'baggage') propagators.push(new W3CBaggagePropagator());
    else if (name !== 'none')
      warn(`OTEL_PROPAGATORS: ${name} is not supported (tracecontext, baggage, none); skipping it`);
  }
  return new CompositePropagator({ propagators });
}

/** OTEL_SDK_DISABLED turns the exports off and leaves propagation as it is (specification, "General SDK"). */
function disabledTelemetry(resource: Resource): Telemetry {
  return {
    enabled: false,
    resource,
    prometheus: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: '' }),
    collect: () => Promise.resolve({ resource, scopeMetrics: [] }),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

/** What the SDK has to say goes where the application wants it, in one line each. */
function diagLogger(warn: (message: string) => void): DiagLogger {
  const line = (...parts: unknown[]) =>
    warn(
      parts
        .map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : JSON.stringify(part)))
        .join(' '),
    );
  return { error: line, warn: line, info: line, debug: () => {}, verbose: () => {} };
}
