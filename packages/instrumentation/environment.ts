/**
 * What the OTEL_* variables ask for (specification: "Environment Variable Specification" and "OTLP Exporter"), read
 * once into one value. An empty value counts as unset; what cannot be understood is a warning and the default holds,
 * as the specification demands, because telemetry must not keep an application from starting.
 */

export type SignalName = 'traces' | 'metrics' | 'logs';
export type ExporterName = 'otlp' | 'console' | 'none';
export type OtlpProtocol = 'grpc' | 'http/protobuf' | 'http/json';

export interface OtlpTarget {
  readonly protocol: OtlpProtocol;
  /** Whole URL of the signal for HTTP; scheme and authority for gRPC. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly gzip: boolean;
  /** Paths of PEM files. */
  readonly certificate: string | undefined;
  readonly clientKey: string | undefined;
  readonly clientCertificate: string | undefined;
}

export interface SignalEnvironment {
  readonly exporter: ExporterName;
  readonly target: OtlpTarget;
}

export interface BatchEnvironment {
  readonly scheduleDelayMs: number;
  readonly batchSizeMax: number;
}

export interface SpanLimitEnvironment {
  readonly attributeCountLimit: number;
  readonly attributeValueLengthLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

export interface TelemetryEnvironment {
  readonly disabled: boolean;
  readonly serviceName: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly propagators: readonly string[];
  readonly sampler: { readonly name: string; readonly argument: string | undefined };
  readonly signals: Readonly<Record<SignalName, SignalEnvironment>>;
  readonly metricExportIntervalMs: number;
  readonly metricExportTimeoutMs: number;
  readonly spanBatch: BatchEnvironment;
  readonly logBatch: BatchEnvironment;
  readonly spanLimits: SpanLimitEnvironment;
  readonly exemplars: boolean;
  /** What was not understood, for the log. */
  readonly warnings: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

const PROTOCOLS: readonly string[] = ['grpc', 'http/protobuf', 'http/json'];
const GRPC_PORT = 4317;
const HTTP_PORT = 4318;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

export function readEnvironment(variables: Variables): TelemetryEnvironment {
  const reader = new VariableReader(variables);
  const environment: Omit<TelemetryEnvironment, 'warnings'> = {
    disabled: reader.boolean('OTEL_SDK_DISABLED', false),
    serviceName: reader.text('OTEL_SERVICE_NAME'),
    resourceAttributes: reader.pairs('OTEL_RESOURCE_ATTRIBUTES'),
    propagators: reader.list('OTEL_PROPAGATORS') ?? ['tracecontext', 'baggage'],
    sampler: {
      name: reader.text('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on',
      argument: reader.text('OTEL_TRACES_SAMPLER_ARG'),
    },
    signals: {
      traces: readSignal(reader, 'traces'),
      metrics: readSignal(reader, 'metrics'),
      logs: readSignal(reader, 'logs'),
    },
    metricExportIntervalMs: reader.positive('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
    metricExportTimeoutMs: reader.positive('OTEL_METRIC_EXPORT_TIMEOUT', 30_000),
    spanBatch: readBatch(reader, 'OTEL_BSP', 5_000),
    logBatch: readBatch(reader, 'OTEL_BLRP', 1_000),
    spanLimits: readSpanLimits(reader),
    exemplars: readExemplarFilter(reader),
  };
  warnUnsupported(reader);
  return { ...environment, warnings: reader.warnings };
}

function readSignal(reader: VariableReader, signal: SignalName): SignalEnvironment {
  const name = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  let exporter: ExporterName = 'otlp';
  for (const asked of reader.list(name) ?? []) {
    if (asked === 'none') exporter = 'none';
    else if (asked === 'console') exporter = 'console';
    else if (asked === 'prometheus' && signal === 'metrics') exporter = 'none';
    else if (asked !== 'otlp') reader.warn(`${name}=${asked} is not supported (otlp, console, none); using otlp`);
  }
  return { exporter, target: readTarget(reader, signal) };
}

function readTarget(reader: VariableReader, signal: SignalName): OtlpTarget {
  const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_`;
  const common = 'OTEL_EXPORTER_OTLP_';
  const text = (key: string) => reader.text(own + key) ?? reader.text(common + key);
  let protocol = text('PROTOCOL') ?? defaultProtocol(text('ENDPOINT'));
  if (!PROTOCOLS.includes(protocol)) {
    reader.warn(`OTLP protocol ${protocol} is unknown (${PROTOCOLS.join(', ')}); using http/protobuf`);
    protocol = 'http/protobuf';
  }
  const compression = text('COMPRESSION') ?? 'none';
  if (compression !== 'gzip' && compression !== 'none') {
    reader.warn(`OTLP compression ${compression} is not supported (gzip, none); sending uncompressed`);
  }
  return {
    protocol: protocol as OtlpProtocol,
    url: targetUrl(reader, signal, protocol as OtlpProtocol),
    headers: { ...reader.pairs(common + 'HEADERS'), ...reader.pairs(own + 'HEADERS') },
    timeoutMs: reader.positive(own + 'TIMEOUT', reader.positive(common + 'TIMEOUT', 10_000)),
    gzip: compression === 'gzip',
    certificate: text('CERTIFICATE'),
    clientKey: text('CLIENT_KEY'),
    clientCertificate: text('CLIENT_CERTIFICATE'),
  };
}

/**
 * The specification's default, which is also the cheaper one here (docs/adr/0064); but an endpoint that only gRPC can
 * have, without a scheme or with the port that is registered for OTLP over gRPC, has said what it speaks.
 */
function defaultProtocol(endpoint: string | undefined): OtlpProtocol {
  if (endpoint === undefined) return 'http/protobuf';
  return SCHEME.test(endpoint) && !endpoint.replace(/\/+$/, '').endsWith(`:${GRPC_PORT}`) ? 'http/protobuf' : 'grpc';
}

/** A signal's own endpoint is used as it is; the common one is a base to which HTTP appends `v1/<signal>`. */
function targetUrl(reader: VariableReader, signal: SignalName, protocol: OtlpProtocol): string {
  const own = reader.text(`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`);
  const base = reader.text('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (protocol === 'grpc') {
    const asked = own ?? base ?? `http://127.0.0.1:${GRPC_PORT}`;
    // gRPC knows endpoints without a scheme; OTEL_EXPORTER_OTLP_INSECURE then decides about TLS.
    const insecure =
      reader.boolean(`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_INSECURE`, false) ||
      reader.boolean('OTEL_EXPORTER_OTLP_INSECURE', false);
    const url = SCHEME.test(asked) ? asked : `${insecure ? 'http' : 'https'}://${asked}`;
    return reader.validUrl(url) ?? `http://127.0.0.1:${GRPC_PORT}`;
  }
  const fallback = `http://127.0.0.1:${HTTP_PORT}/v1/${signal}`;
  if (own !== undefined) return reader.validUrl(own) ?? fallback;
  if (base === undefined) return fallback;
  return reader.validUrl(`${base.replace(/\/+$/, '')}/v1/${signal}`) ?? fallback;
}

function readBatch(reader: VariableReader, prefix: string, scheduleDelayMs: number): BatchEnvironment {
  const queueSizeMax = reader.positive(`${prefix}_MAX_QUEUE_SIZE`, 2_048);
  // The queue of finished records is emptied into the export buffer whenever a batch is full, so it never holds more
  // than one batch; its configured size can only make batches smaller.
  const batchSizeMax = Math.min(reader.positive(`${prefix}_MAX_EXPORT_BATCH_SIZE`, 512), queueSizeMax);
  return { scheduleDelayMs: reader.positive(`${prefix}_SCHEDULE_DELAY`, scheduleDelayMs), batchSizeMax };
}

/** `always_on` would name spans that nobody kept; it is taken for the default, `trace_based`. */
function readExemplarFilter(reader: VariableReader): boolean {
  const filter = reader.text('OTEL_METRICS_EXEMPLAR_FILTER')?.toLowerCase() ?? 'trace_based';
  if (filter !== 'trace_based' && filter !== 'always_off') {
    reader.warn(`OTEL_METRICS_EXEMPLAR_FILTER=${filter} is not supported (trace_based, always_off); using trace_based`);
  }
  return filter !== 'always_off';
}

function readSpanLimits(reader: VariableReader): SpanLimitEnvironment {
  const count = reader.positive('OTEL_ATTRIBUTE_COUNT_LIMIT', 128);
  const length = reader.positive('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', Number.POSITIVE_INFINITY);
  return {
    attributeCountLimit: reader.positive('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', count),
    attributeValueLengthLimit: reader.positive('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', length),
    eventCountLimit: reader.positive('OTEL_SPAN_EVENT_COUNT_LIMIT', 128),
    linkCountLimit: reader.positive('OTEL_SPAN_LINK_COUNT_LIMIT', 128),
    attributePerEventCountLimit: reader.positive('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 128),
    attributePerLinkCountLimit: reader.positive('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 128),
  };
}

function warnUnsupported(reader: VariableReader): void {
  const temporality = reader.text('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE');
  if (temporality !== undefined && temporality.toLowerCase() !== 'cumulative') {
    reader.warn(
      `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=${temporality} is not supported; exporting cumulative sums`,
    );
  }
  if (reader.text('OTEL_CONFIG_FILE') ?? reader.text('OTEL_EXPERIMENTAL_CONFIG_FILE')) {
    reader.warn('declarative configuration files (OTEL_CONFIG_FILE) are not supported; reading the variables instead');
  }
}

class VariableReader {
  readonly warnings: string[] = [];
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  warn(message: string): void {
    if (!this.warnings.includes(message)) this.warnings.push(message);
  }

  text(name: string): string | undefined {
    const value = this.#variables[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return fallback;
    if (value !== 'true' && value !== 'false') this.warn(`${name}=${value} is neither true nor false; using false`);
    return value === 'true';
  }

  positive(name: string, fallback: number): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (Number.isFinite(number) && number > 0) return number;
    this.warn(`${name}=${value} is not a number above zero; using ${fallback}`);
    return fallback;
  }

  list(name: string): string[] | undefined {
    const entries = this.text(name)
      ?.split(',')
      .map((entry) => entry.trim().toLowerCase())
      .filter((entry) => entry !== '');
    return entries === undefined || entries.length === 0 ? undefined : entries;
  }

  /** `key=value,key=value` with percent-encoding (W3C Baggage); a malformed list is dropped whole. */
  pairs(name: string): Record<string, string> {
    const pairs: Record<string, string> = {};
    for (const entry of this.text(name)?.split(',') ?? []) {
      if (entry.trim() === '') continue;
      const at = entry.indexOf('=');
      const key = at > 0 ? decoded(entry.slice(0, at).trim()) : undefined;
      const value = at > 0 ? decoded(entry.slice(at + 1).trim()) : undefined;
      if (key === undefined || value === undefined) {
        this.warn(`${name} is not a list of key=value with percent-encoding; ignoring it`);
        return {};
      }
      pairs[key] = value;
    }
    return pairs;
  }

  validUrl(url: string): string | undefined {
    if (URL.canParse(url)) return url;
    this.warn(`OTLP endpoint ${url} is not a URL; using the default endpoint`);
    return undefined;
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
