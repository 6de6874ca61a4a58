/**
 * Serves the built web pages from memory: files whose names carry a hash may be kept for ever, the one HTML page is
 * asked for each time. Files are compressed once, at the first request for that encoding.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '../accounts/authenticate.ts';

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.ico': 'image/x-icon',
};

const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.svg', '.json', '.map']);

/** Nine of eleven: half a second for everything, and within two per cent of the best. */
const BROTLI_QUALITY = 9;

/** Scripts come from here and nowhere else, so text from telemetry cannot run. CodeMirror and uPlot set styles. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: https:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly compressible: boolean;
  readonly immutable: boolean;
  readonly encoded: Map<string, Promise<Buffer>>;
}

export interface PagesOptions {
  /** The folder that the web build wrote. */
  readonly webRoot: string;
  readonly hasSession: (request: FastifyRequest) => Promise<boolean>;
}

/** Addresses of the page's own router; everything else that is no file is 404. */
const PAGE_PATHS = [
  '/',
  '/login',
  '/dashboards',
  '/explore',
  '/alerting',
  '/alerting/*',
  '/runbooks/*',
  '/faults/*',
  '/d/:uid',
  '/d/:uid/:slug',
  '/trace/:id',
  '/profile',
];

export function addPages(app: FastifyInstance, options: PagesOptions): void {
  const files = readFiles(options.webRoot);
  app.get('/assets/*', async (request, reply) => {
    const file = files.get(new URL(request.url, 'http://page').pathname);
    return file === undefined
      ? reply.code(404).send(problem(404, 'not-found', 'Not found'))
      : sendFile(request, reply, file);
  });
  for (const path of ['/favicon.svg', '/favicon.ico']) {
    app.get(path, async (request, reply) => {
      const file = files.get('/favicon.svg');
      return file === undefined ? reply.code(404).send() : sendFile(request, reply, file);
    });
  }
  for (const path of PAGE_PATHS) {
    app.get(path, async (request, reply) => {
      if (path !== '/login' && !(await options.hasSession(request))) {
        const wanted = request.url === '/' ? '' : `?redirectTo=${encodeURIComponent(request.url)}`;
        return reply.redirect(`/login${wanted}`);
      }
      const index = files.get('/index.html');
      if (index === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
      return sendFile(request, reply, index);
    });
  }
}

const NOT_BUILT =
  'The web pages are not built. Run npm start, which builds them, or node packages/dashboards/build.ts and start again.\n';

async function sendFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile) {
  reply.type(file.type).header('x-content-type-options', 'nosniff').header('vary', 'accept-encoding');
  reply.header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (file.type.startsWith('text/html')) {
    reply.header('content-security-policy', CONTENT_SECURITY_POLICY).header('referrer-policy', 'same-origin');
    reply.header('x-frame-options', 'SAMEORIGIN');
  }
  const encoding = file.compressible ? chooseEncoding(request.headers['accept-encoding']) : undefined;
  if (encoding === undefined) return reply.send(file.bytes);
  return reply.header('content-encoding', encoding).send(await encoded(file, encoding));
}

function encoded(file: StaticFile, encoding: 'br' | 'gzip'): Promise<Buffer> {
  const known = file.encoded.get(encoding);
  if (known !== undefined) return known;
  const work =
    encoding === 'br'
      ? compressBrotli(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })
      : compressGzip(file.bytes, { level: 9 });
  file.encoded.set(encoding, work);
  return work;
}

function chooseEncoding(accept: string | undefined): 'br' | 'gzip' | undefined {
  if (accept === undefined) return undefined;
  return /\bbr\b/.test(accept) ? 'br' : /\bgzip\b/.test(accept) ? 'gzip' : undefined;
}

function readFiles(root: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  let names: string[];
  try {
    names = readdirSync(root, { recursive: true }) as string[];
  } catch {
    return files; // not built yet: pages say so
  }
  for (const name of names) {
    const ending = extname(name);
    const type = TYPES[ending];
    if (type === undefined) continue;
    const path = '/' + name.replaceAll('\\', '/');
    files.set(path, {
      type,
      bytes: readFileSync(join(root, name)),
      compressible: COMPRESSIBLE.has(ending),
      immutable: path.startsWith('/assets/'),
      encoded: new Map(),
    });
  }
  return files;
}
