/**
 * A pino logger whose lines carry the ids of the active span and also leave as OpenTelemetry log records: JSON on
 * standard output for whoever reads it there, OTLP for the collector, one call for both.
 */
import { context, isSpanContextValid } from '@opentelemetry/api';
import {
  type LogAttributes,
  type LoggerProvider,
  logs,
  type Logger as RecordLogger,
  SeverityNumber,
} from '@opentelemetry/api-logs';
import { type DestinationStream, destination, type Logger, type LoggerOptions as PinoOptions, pino } from 'pino';
import { LeanSpan } from '../trace/lean-span.ts';
import { spanOf } from '../trace/linked-context.ts';
import { flattenInto, redactFields } from './attributes.ts';
import { recordLine } from './log-sink.ts';

export interface LoggerOptions {
  /** Name of the part that logs: the scope of its records, the field `name` of its lines. */
  readonly name: string;
  /** Lowest level that is logged; LOG_LEVEL or `info` when absent. */
  readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** Receives the lines; standard output when absent. */
  readonly destination?: DestinationStream;
  /** How fields of certain names are written, as in pino. */
  readonly serializers?: Readonly<Record<string, (value: never) => unknown>>;
}

export function createLogger(options: LoggerOptions): Logger {
  const settings: PinoOptions = {
    level: options.level ?? process.env.LOG_LEVEL ?? 'info',
    base: { name: options.name },
    timestamp: lineTime,
    mixin: spanFields,
    formatters: {
      level: (label) => ({ level: label }),
      log: redactFields,
    },
    ...(options.serializers && { serializers: { ...options.serializers } as NonNullable<PinoOptions['serializers']> }),
  };
  // Written asynchronously: a slow terminal must not slow a request; pino flushes what is left when the process exits.
  const lines = options.destination ?? destination({ dest: 1, sync: false });
  const logger = pino(settings, new OtlpStream(options.name, lines));
  // Pino formats the bindings of the first logger only; children inherit this method and pass through it.
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this` below
  const child = logger.child;
  logger.child = function redactingChild(this: Logger, bindings: Record<string, unknown>, ...rest: []) {
    return child.call(this, redactFields(bindings), ...rest);
  } as typeof logger.child;
  return logger;
}

let linePrefixSecond = -1;
let linePrefix = '';

/** The field `time` in ISO 8601, as pino wants it; what is the same within a second is made once a second. */
function lineTime(): string {
  const nowMs = Date.now();
  const second = Math.floor(nowMs / 1000);
  if (second !== linePrefixSecond) {
    linePrefixSecond = second;
    linePrefix = `,"time":"${new Date(second * 1000).toISOString().slice(0, -4)}`;
  }
  return `${linePrefix}${String(nowMs % 1000).padStart(3, '0')}Z"`;
}

/** The names under which DESIGN and the log store know them. */
function spanFields(): object {
  const active = spanOf(context.active());
  const span = active?.spanContext();
  if (span === undefined || !(active instanceof LeanSpan || isSpanContextValid(span))) return {};
  return { trace_id: span.traceId, span_id: span.spanId, trace_flags: `0${span.traceFlags.toString(16)}` };
}

/** Fields that a log record has places of its own for, or that the resource says. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['trace_id', 'span_id', 'trace_flags', 'name', 'pid', 'hostname']);

const SEVERITIES: readonly (readonly [level: number, number: SeverityNumber, text: string])[] = [
  [60, SeverityNumber.FATAL, 'FATAL'],
  [50, SeverityNumber.ERROR, 'ERROR'],
  [40, SeverityNumber.WARN, 'WARN'],
  [30, SeverityNumber.INFO, 'INFO'],
  [20, SeverityNumber.DEBUG, 'DEBUG'],
  [Number.NEGATIVE_INFINITY, SeverityNumber.TRACE, 'TRACE'],
];

interface SerializingLogger {
  bindings(): Record<string, unknown>;
  [pino.symbols.serializersSym]?: Readonly<Record<string, (value: unknown) => unknown>>;
}

/**
 * Between pino and its destination. Pino sets the `last…` fields before each write on streams that carry its metadata
 * symbol (pino's documented interface for streams), so no line is parsed again.
 */
class OtlpStream implements DestinationStream {
  lastLevel = 0;
  lastObj: Record<string, unknown> = {};
  lastMsg: string | undefined = undefined;
  lastLogger: SerializingLogger | undefined = undefined;
  readonly #name: string;
  readonly #lines: DestinationStream;
  #provider: LoggerProvider | undefined;
  #logger: RecordLogger | undefined;
  readonly #bindings = new WeakMap<SerializingLogger, LogAttributes>();

  constructor(name: string, lines: DestinationStream) {
    this.#name = name;
    this.#lines = lines;
    Object.defineProperty(this, Symbol.for('pino.metadata'), { value: true });
  }

  write(line: string): void {
    this.#lines.write(line);
    const [, severityNumber, severityText] = SEVERITIES.find(([level]) => this.lastLevel >= level)!;
    const attributes = { ...this.#boundAttributes() };
    const body = this.lastMsg ?? (typeof this.lastObj.msg === 'string' ? this.lastObj.msg : '');
    flattenInto(attributes, this.#ownFields());
    const record = { severityNumber, severityText, body, attributes, context: context.active() };
    if (!recordLine(this.#name, record)) this.#recordLogger().emit(record);
  }

  /** Looked up again when the provider changes: loggers are made before telemetry is set up. */
  #recordLogger(): RecordLogger {
    const provider = logs.getLoggerProvider();
    if (this.#logger === undefined || this.#provider !== provider) {
      this.#provider = provider;
      this.#logger = provider.getLogger(this.#name);
    }
    return this.#logger;
  }

  /** What child loggers were given; parsed once for each of them. */
  #boundAttributes(): LogAttributes {
    const logger = this.lastLogger;
    if (logger === undefined) return {};
    let attributes = this.#bindings.get(logger);
    if (attributes === undefined) {
      attributes = {};
      flattenInto(attributes, withoutOwn(logger.bindings()));
      this.#bindings.set(logger, attributes);
    }
    return attributes;
  }

  /** The fields of this call, through the logger's serializers as in the printed line. */
  #ownFields(): Record<string, unknown> {
    const serializers = this.lastLogger?.[pino.symbols.serializersSym];
    const fields = withoutOwn(this.lastObj);
    for (const key of Object.keys(fields)) {
      const value = fields[key];
      const serialize = serializers?.[key];
      // Errors keep their class and stack: they become exception.* attributes.
      if (serialize !== undefined && !(value instanceof Error)) fields[key] = serialize(value);
    }
    return fields;
  }
}

function withoutOwn(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const rest: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) if (!OWN_FIELDS.has(key) && key !== 'msg') rest[key] = fields[key];
  return rest;
}
