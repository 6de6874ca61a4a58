/**
 * The Fastify plugin: a server span and both families of HTTP metrics for every request of the application that
 * registers it. The span's context is active in hooks, handlers and whatever they await.
 *
 * Registered on several nested applications, the innermost gives its name to its routes; a request is counted once.
 */

import type { ServerResponse } from 'node:http';
import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
} from 'fastify';
import { exemplarSpanOf } from '../metrics/exemplar.ts';
import { errorTypeOf } from '../span-failure.ts';
import { LeanSpan } from '../trace/lean-span.ts';
import { withSpan } from '../trace/linked-context.ts';
import { tracer } from '../trace/tracer.ts';
import { ABORTED, endpointOf, RouteTelemetry } from './route-telemetry.ts';

export interface HttpTelemetryOptions {
  /** Value of the `app` label: which application of the process answers. */
  readonly app: string;
  /** Where the application is mounted when Fastify does not know it (behind another server's path). */
  readonly prefix?: string;
  /** Scheme that clients use; http unless the process ends TLS itself. */
  readonly scheme?: 'http' | 'https';
}

const kApplication = Symbol('mario.http.application');
const kRoute = Symbol('mario.http.route');
const kRequest = Symbol('mario.http.request');

/** What one application passes on to its routes. */
interface Application {
  readonly app: string;
  readonly prefix: string;
  readonly scheme: string;
  /** By method: the requests that no route fits. */
  readonly unmatched: Map<string, RouteTelemetry>;
}

/** Fastify keeps one config object for each route; what is known of the route is put there at its first request. */
interface RouteConfig {
  /** By method: one route may serve several. */
  [kRoute]?: Map<string, RouteTelemetry>;
}

interface RequestState {
  readonly route: RouteTelemetry;
  readonly span: Span;
  readonly context: Context;
  readonly startMs: number;
  error: Error | undefined;
  ended: boolean;
}

type Carrier = { [kRequest]?: RequestState };

/** Requests of the same method without a route share one entry; there are few methods, and few applications. */
const METHODS_MAX = 40;

const plugin: FastifyPluginCallback<HttpTelemetryOptions> = (fastify, options, done) => {
  const application: Application = {
    app: options.app,
    prefix: options.prefix ?? '',
    scheme: options.scheme ?? 'http',
    unmatched: new Map(),
  };
  // An instance inherits from its parent: its own application hides the parent's, whose hooks serve both.
  const hooked = kApplication in fastify;
  (fastify as FastifyInstance & { [kApplication]?: Application })[kApplication] = application;
  if (!hooked) {
    fastify.addHook('onRequest', onRequest);
    fastify.addHook('preValidation', onPreValidation);
    fastify.addHook('onError', onError);
    fastify.addHook('onResponse', onResponse);
  }
  done();
};

/** Fastify's own marks for a plugin that acts on the instance that registers it, and for its name in errors. */
export const httpTelemetry: FastifyPluginCallback<HttpTelemetryOptions> = Object.assign(plugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'mario-http-telemetry',
});

function onRequest(this: FastifyInstance, request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) {
  const { raw } = request;
  const route = routeTelemetryOf(this, request);
  const headers = raw.headers;
  const extracted = propagation.extract(ROOT_CONTEXT, headers);
  const parent = route.traced ? extracted : suppressTracing(extracted);
  const span = tracer().startSpan(route.spanName, { kind: SpanKind.SERVER, attributes: route.spanAttributes }, parent);
  if (span.isRecording()) describeRequest(span, request);
  const state: RequestState = {
    route,
    span,
    context: withSpan(parent, span),
    startMs: performance.now(),
    error: undefined,
    ended: false,
  };
  route.active.add(1);
  (request as Carrier)[kRequest] = state;
  // A client that goes away ends the response without Fastify's onResponse.
  (reply.raw as ServerResponse & Carrier)[kRequest] = state;
  reply.raw.on('close', onClose);
  context.with(state.context, done);
}

/**
 * Ends the measurement of a request whose response stays open (server-sent events): what counts is the time to its first
 * byte. Without this call an open page would be a request of minutes, and its closing an aborted one.
 */
export function endAtFirstByte(request: FastifyRequest, reply: FastifyReply): void {
  const state = (request as Carrier)[kRequest];
  if (state !== undefined) endRequest(state, reply.raw.statusCode, request.raw.headers['content-length'], undefined);
}

/** Reading the body has left the span's context (its events come from the socket): enter it again. */
function onPreValidation(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  const state = (request as Carrier)[kRequest];
  if (state === undefined || context.active() === state.context) done();
  else context.with(state.context, done);
}

function onError(request: FastifyRequest, _reply: FastifyReply, error: Error, done: () => void): void {
  const state = (request as Carrier)[kRequest];
  if (state !== undefined) state.error = error;
  done();
}

function onResponse(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
  const state = (request as Carrier)[kRequest];
  if (state !== undefined) {
    const length = reply.getHeader('content-length');
    endRequest(
      state,
      reply.statusCode,
      request.raw.headers['content-length'],
      length === undefined ? undefined : Number(length),
    );
  }
  done();
}

function onClose(this: ServerResponse & Carrier): void {
  const state = this[kRequest];
  if (state === undefined || state.ended) return;
  endRequest(state, this.writableFinished ? this.statusCode : ABORTED, this.req.headers['content-length'], undefined);
}

/** `responseBytes` is absent for streams: their length is known to nobody before their end. */
function endRequest(
  state: RequestState,
  status: number,
  requestLength: string | undefined,
  responseBytes: number | undefined,
): void {
  if (state.ended) return;
  state.ended = true;
  const { route, span } = state;
  if (span.isRecording()) describeResponse(span, state, status);
  span.end();
  const lean = span instanceof LeanSpan;
  const durationMs = lean ? span.elapsedMs : performance.now() - state.startMs;
  const exemplar = exemplarSpanOf(span);
  const requestBytes = requestLength === undefined ? 0 : Number(requestLength);
  const cells = route.cells(status);
  const nowMs = lean ? span.endMs : Date.now();
  route.active.add(-1);
  cells.duration.record(durationMs, exemplar, nowMs);
  cells.requestDuration.record(durationMs / 1000, exemplar, nowMs);
  cells.requestSize.record(requestBytes, exemplar, nowMs);
  cells.requestBodySize.record(requestBytes, exemplar, nowMs);
  if (responseBytes !== undefined) {
    cells.responseSize.record(responseBytes, exemplar, nowMs);
    cells.responseBodySize.record(responseBytes, exemplar, nowMs);
  }
}

/**
 * The query string and the client's address are left out: both may say who somebody is. What a search was for stands
 * in the span of its query.
 */
function describeRequest(span: Span, request: FastifyRequest): void {
  const { url = '/', headers, httpVersion, socket } = request.raw;
  const query = url.indexOf('?');
  const { address, port } = hostOf(headers.host);
  const attributes: Attributes = {
    'url.path': query < 0 ? url : url.slice(0, query),
    'network.protocol.version': httpVersion,
    'server.address': address,
    'server.port': port ?? socket?.localPort,
    'user_agent.original': headers['user-agent'],
  };
  if (span instanceof LeanSpan) span.describe(attributes);
  else span.setAttributes(attributes);
}

interface Host {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

let lastHeader: string | undefined;
let lastHost: Host = { address: undefined, port: undefined };

/** The Host header as name and port; it is the same in nearly every request, so the last answer is kept. */
function hostOf(header: string | undefined): Host {
  if (header === lastHeader) return lastHost;
  const [, address, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(header ?? '') ?? [];
  lastHeader = header;
  lastHost = { address: address === '' ? undefined : address, port: port === undefined ? undefined : Number(port) };
  return lastHost;
}

/** A server's span is an error from 500 on; a 4xx is the client's (semantic conventions, "HTTP spans: status"). */
function describeResponse(span: Span, state: RequestState, status: number): void {
  if (status === ABORTED) {
    span.setAttribute('error.type', 'aborted');
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'the client went away before the response was complete' });
    return;
  }
  span.setAttribute('http.response.status_code', status);
  if (status < 500) return;
  const { error } = state;
  span.setAttribute('error.type', error === undefined ? String(status) : errorTypeOf(error));
  if (error !== undefined) span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** `instance` is the one that has the route: its application is the innermost that was registered around it. */
function routeTelemetryOf(instance: FastifyInstance, request: FastifyRequest): RouteTelemetry {
  const application = (instance as unknown as { [kApplication]: Application })[kApplication];
  const method = request.raw.method ?? '_OTHER';
  const { url, config } = request.routeOptions;
  if (url === undefined) return unmatchedRoute(application, method);
  const byMethod = ((config as RouteConfig)[kRoute] ??= new Map<string, RouteTelemetry>());
  let route = byMethod.get(method);
  if (route === undefined) {
    const { app, prefix, scheme } = application;
    byMethod.set(method, (route = new RouteTelemetry({ app, endpoint: endpointOf(prefix, url), method, scheme })));
  }
  return route;
}

function unmatchedRoute(application: Application, method: string): RouteTelemetry {
  let route = application.unmatched.get(method);
  if (route === undefined) {
    const { app, scheme, unmatched } = application;
    const known = unmatched.size < METHODS_MAX ? method : '_OTHER';
    route = new RouteTelemetry({ app, endpoint: undefined, method: known, scheme });
    unmatched.set(known, route);
  }
  return route;
}
