// Conditional requests (RFC 9110, section 13): 304 for what the client has, 412 for what somebody else changed.

import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NO_VERSION } from '../application/failure.ts';

/** The tag of something that has a version. */
export function versionTag({ version }: { readonly version: number }): string {
  return `"${version}"`;
}

/** The tag of something that has none: of the text that is sent. */
export function contentTag(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/** Sends the body, or 304 when the client has it already. */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, tag: string, body: unknown): FastifyReply {
  // Kept by whoever likes to, asked about every time.
  reply.header('ETag', tag).header('Cache-Control', 'private, no-cache');
  return matches(request.headers['if-none-match'], tag) ? reply.code(304).send() : reply.send(body);
}

/** `If-None-Match` compares weakly: `W/` does not count. */
function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return tagsOf(header).some((each) => each.replace(/^W\//, '') === tag);
}

/**
 * The version that `If-Match` names; undefined without the header and for `*`. A list is satisfied by its last version:
 * nobody who read a thing several times holds several versions of it.
 */
export function expectedVersion(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const versions = tagsOf(header).flatMap((tag) => {
    const version = /^"(\d{1,9})"$/.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
  return versions.length === 0 ? NO_VERSION : Math.max(...versions);
}

function tagsOf(header: string): readonly string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}
