/** Where a request comes from: another site's page, this machine, or further away. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * True when a browser sent it from another site's page. Browsers tell by Sec-Fetch-Site and Origin; clients that
 * are no browsers send neither and cannot be made to act for somebody else.
 */
export function isCrossSite(request: FastifyRequest): boolean {
  return !SAFE_METHODS.has(request.method) && isFromOtherSite(request.headers);
}

/** As `isCrossSite`, whatever the method: a WebSocket is opened by GET, and its answers can be read by any page. */
export function isFromOtherSite({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site === 'cross-site' || site === 'same-site') return true;
  return origin !== undefined && URL.parse(origin)?.host !== host;
}

/**
 * True when both ends are on this machine and the name in the address is too, so that neither a proxy in front nor a
 * page that rebinds its name to 127.0.0.1 passes for local.
 */
export function isLocal(request: Pick<FastifyRequest, 'headers' | 'socket'>): boolean {
  if (request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined) return false;
  const { remoteAddress, localAddress } = request.socket;
  return isLoopback(remoteAddress) && isLoopback(localAddress) && isLocalName(request.headers.host);
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/, '');
  return plain === '::1' || plain.startsWith('127.');
}

function isLocalName(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(\.\d+){3}$/.test(name);
}
