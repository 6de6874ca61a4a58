// The otlp receiver: OTLP over gRPC and over HTTP (protobuf and JSON).
import {
  answerOtlpHttp,
  createGrpcServer,
  DecodeError,
  decodeProtobuf,
  encodeResponse,
  errorStatus,
  exportOutcome,
  exportPath,
  GrpcCode,
  GrpcError,
  type GrpcServer,
  methodNotAllowed,
  type Signal,
  type SignalBatch,
  statusAnswer,
  type UnaryHandler,
} from '@mario/otlp';
import { createListener, explainListenError, listen } from '@mario/service';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ComponentSettings, Consume, NextBySignal, Receiver, ReceiverFactory } from '../../component.ts';
import { type GrpcConfig, type HttpConfig, type OtlpReceiverConfig, readOtlpReceiverConfig } from './config.ts';
import { addCors } from './cors.ts';
import { addReceivingBudget } from './receiving-budget.ts';

const signals = ['traces', 'metrics', 'logs'] as const;
/** Long enough for a batch to become durable, short enough for an impatient Ctrl-C. */
const closeGraceMs = 5_000;

export const otlpReceiver: ReceiverFactory<OtlpReceiverConfig> = {
  kind: 'receiver',
  types: ['otlp'],
  signals,
  readConfig: readOtlpReceiverConfig,
  create: (config, settings, next) => new OtlpReceiver(config, settings, next),
};

class OtlpReceiver implements Receiver {
  private readonly config: OtlpReceiverConfig;
  private readonly settings: ComponentSettings;
  private readonly next: NextBySignal;
  private grpc: GrpcServer | undefined;
  private http: FastifyInstance | undefined;
  private readonly opened: string[] = [];
  /** Requests that are being consumed: shutting down waits for them. */
  private readonly running = new Set<Promise<unknown>>();

  constructor(config: OtlpReceiverConfig, settings: ComponentSettings, next: NextBySignal) {
    this.config = config;
    this.settings = settings;
    this.next = next;
  }

  get addresses(): readonly string[] {
    return this.opened;
  }

  async start(): Promise<void> {
    if (this.config.grpc !== undefined) await this.startGrpc(this.config.grpc);
    if (this.config.http !== undefined) await this.startHttp(this.config.http);
  }

  /** Takes nothing new; what was taken is consumed and answered. */
  async shutdown(): Promise<void> {
    await Promise.all([this.grpc?.close(closeGraceMs), this.http?.close()]);
    await Promise.allSettled(this.running);
  }

  private async startGrpc(config: GrpcConfig): Promise<void> {
    const { settings } = this;
    const methods = new Map<string, UnaryHandler>();
    for (const signal of signals) {
      const next = this.next[signal] as Consume<Signal> | undefined;
      if (next === undefined) continue;
      settings.pipelineMetrics.introduceReceiver(signal, settings.id, 'grpc');
      methods.set(exportPath[signal], (message) => this.track(this.exportGrpc(signal, message, next)));
    }
    this.grpc = createGrpcServer({
      methods,
      messageBytesMax: config.messageBytesMax,
      ...(config.streamsMax === undefined ? {} : { streamsPerConnectionMax: config.streamsMax }),
      ...(config.keepaliveMs === undefined ? {} : { keepaliveMs: config.keepaliveMs }),
      ...(config.keepaliveTimeoutMs === undefined ? {} : { keepaliveTimeoutMs: config.keepaliveTimeoutMs }),
      onError: (error) => settings.log.error('a gRPC request failed', { receiver: settings.id, error }),
    });
    const { host, port } = settings.listenAddress(config.endpoint);
    const opened = await this.grpc.listen(host, port).catch((error: unknown) => {
      throw explainListenError(error, `collector (receiver ${settings.id}, gRPC)`, host, port);
    });
    this.opened.push(`grpc://${host.includes(':') ? `[${host}]` : host}:${opened}`);
  }

  private async exportGrpc(signal: Signal, message: Buffer, next: Consume<Signal>): Promise<Buffer> {
    const batch = decodeGrpc(signal, message);
    const outcome = await exportOutcome(batch.count, () => this.consume(signal, 'grpc', batch, next));
    if (outcome.ok) return encodeResponse(outcome.partial);
    const { code, message: reason, retryAfterMs } = outcome.status;
    throw new GrpcError(code, reason, { retryAfterMs });
  }

  private async startHttp(config: HttpConfig): Promise<void> {
    const { settings } = this;
    const app = await createListener({ bodyBytesMax: config.bodyBytesMax });
    this.http = app;
    addReceivingBudget(app, config.bodyBytesMax);
    if (config.cors !== undefined) addCors(app, config.cors);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
      const isJson = String(request.headers['content-type'] ?? '').includes('json');
      const status = error.statusCode ?? 500;
      const code = status < 500 ? GrpcCode.invalidArgument : GrpcCode.internal;
      return sendAnswer(reply, statusAnswer(status, { code, message: error.message }, isJson));
    });
    app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('404 page not found\n'));
    for (const signal of signals) {
      const next = this.next[signal] as Consume<Signal> | undefined;
      if (next !== undefined) this.addRoute(app, signal, config, next);
    }
    const { host, port } = settings.listenAddress(config.endpoint);
    this.opened.push(await listen(app, `collector (receiver ${settings.id}, HTTP)`, host, port));
  }

  private addRoute(app: FastifyInstance, signal: Signal, config: HttpConfig, next: Consume<Signal>): void {
    const { settings } = this;
    settings.pipelineMetrics.introduceReceiver(signal, settings.id, 'http');
    app.post(config.paths[signal], async (request, reply) => {
      const answer = await this.track(
        answerOtlpHttp(
          {
            signal,
            contentType: request.headers['content-type'],
            contentEncoding: request.headers['content-encoding'],
            body: (request.body as Buffer | undefined) ?? Buffer.alloc(0),
            bodyBytesMax: config.bodyBytesMax,
          },
          (batch) => this.consume(signal, 'http', batch, next),
        ),
      );
      return sendAnswer(reply, answer);
    });
    app.route({
      method: ['GET', 'PUT', 'DELETE', 'PATCH'],
      url: config.paths[signal],
      handler: (_request, reply) => reply.code(405).type('text/plain').send(methodNotAllowed),
    });
  }

  private async consume(
    signal: Signal,
    transport: string,
    batch: SignalBatch[Signal],
    next: Consume<Signal>,
  ): Promise<void> {
    const { pipelineMetrics, id } = this.settings;
    if (batch.count === 0) return;
    try {
      await next(batch);
      pipelineMetrics.receiverAccepted(signal, id, transport, batch.count);
    } catch (error) {
      const rejected = Math.min((error as { rejected?: number }).rejected ?? batch.count, batch.count);
      pipelineMetrics.receiverRefused(signal, id, transport, rejected);
      pipelineMetrics.receiverAccepted(signal, id, transport, batch.count - rejected);
      throw error;
    }
  }

  private track<T>(work: Promise<T>): Promise<T> {
    this.running.add(work);
    const forget = () => void this.running.delete(work);
    work.then(forget, forget);
    return work;
  }
}

function decodeGrpc(signal: Signal, message: Buffer): SignalBatch[Signal] {
  try {
    return decodeProtobuf(signal, message);
  } catch (error) {
    // grpc-go answers a message that its codec cannot read with INTERNAL; it is final for clients all the same.
    if (error instanceof DecodeError)
      throw new GrpcError(GrpcCode.internal, `grpc: error unmarshalling request: ${error.message}`);
    const status = errorStatus(error);
    throw new GrpcError(status.code, status.message);
  }
}

function sendAnswer(reply: FastifyReply, answer: ReturnType<typeof statusAnswer>): FastifyReply {
  // As bytes, because Fastify would add a charset to the content type of a string.
  return reply
    .code(answer.status)
    .headers(answer.headers)
    .send(Buffer.from(answer.body as Buffer));
}
