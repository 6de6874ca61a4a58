// Sends pages: in their frame, for their visitor, with the headers that keep them safe.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { PreconditionFailed, VersionConflict } from '../application/failure.ts';
import type { AccessPolicy } from '../application/identity/access.ts';
import { RuleViolation } from '../domain/business-rule.ts';
import type { Assets } from './assets.ts';
import { codingFor, compressPage } from './content-coding.ts';
import type { Html } from './html.ts';
import { layout, type Page } from './layout.ts';
import type { Visitor } from './visitor.ts';
import type { PageTelemetry } from './web-telemetry.ts';

export interface PageSenderParts {
  readonly assets: Assets;
  readonly policy: AccessPolicy;
  readonly telemetry: PageTelemetry | undefined;
  readonly dashboardsUrl: string | undefined;
}

export class PageSender {
  readonly assets: Assets;
  readonly #policy: AccessPolicy;
  readonly #telemetry: PageTelemetry | undefined;
  readonly #dashboardsUrl: string | undefined;

  constructor({ assets, policy, telemetry, dashboardsUrl }: PageSenderParts) {
    this.assets = assets;
    this.#policy = policy;
    this.#telemetry = telemetry;
    this.#dashboardsUrl = dashboardsUrl;
  }

  visitor(request: FastifyRequest): Visitor {
    return { principal: request.principal, policy: this.#policy, dashboardsUrl: this.#dashboardsUrl };
  }

  page(reply: FastifyReply, page: Page): FastifyReply {
    const telemetry = this.#telemetry;
    const measured = telemetry && { telemetry, route: routeOf(reply.request) };
    const document = layout(this.assets, page, { visitor: this.visitor(reply.request), measured });
    return sendHtml(reply, document, telemetry?.otlpUrl);
  }

  fragment(reply: FastifyReply, fragment: Html): FastifyReply {
    return sendHtml(reply, fragment.text);
  }

  /**
   * What a form does: the work, then another page, so that reloading does not send it twice. What the house refuses
   * comes back as the page again, with the reason above it.
   */
  async form(
    reply: FastifyReply,
    work: () => Promise<string>,
    again: (refusal: string) => Promise<Page>,
  ): Promise<FastifyReply> {
    try {
      return reply.redirect(await work(), 303);
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) throw error;
      return this.page(reply.code(status), await again((error as Error).message));
    }
  }
}

/** `otlpUrl` is where the page may send its telemetry. */
export function sendHtml(reply: FastifyReply, document: string, otlpUrl?: string): FastifyReply {
  reply
    .header('Content-Security-Policy', contentSecurityPolicy(otlpUrl))
    .header('Cache-Control', 'no-store')
    .header('Vary', 'Accept-Encoding')
    .type('text/html; charset=utf-8');
  const coding = codingFor(reply.request.headers['accept-encoding'], document.length);
  if (coding === undefined) return reply.send(document);
  return reply.header('Content-Encoding', coding).send(compressPage(document, coding));
}

/** Undefined for what is not the visitor's doing. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof RuleViolation) return 422;
  return error instanceof VersionConflict || error instanceof PreconditionFailed ? 409 : undefined;
}

/**
 * Everything that a page loads comes from here; nothing in a page runs that is not a file of ours. The collector is the
 * one other address that a script may reach.
 */
function contentSecurityPolicy(otlpUrl: string | undefined): string {
  const collector = otlpUrl === undefined ? '' : ` ${new URL(otlpUrl).origin}`;
  return (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
    `connect-src 'self'${collector}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
  );
}

/** The route as telemetry names it: `/orders/:id` is `/orders/{id}`. */
function routeOf(request: FastifyRequest): string {
  return (request.routeOptions.url ?? '/{unknown}').replaceAll(/:(\w+)/g, '{$1}');
}
