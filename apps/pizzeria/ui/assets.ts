// The static files of the pages, held in memory under names that carry their content's hash, so that browsers may keep
// them for ever.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { HOUSE_MENU } from '../domain/house-menu.ts';
import { type ContentCoding, codingFor, compressFile } from './content-coding.ts';
import { pizzaArt } from './pizza-art.ts';
import { WEB_TELEMETRY, webTelemetrySources } from './web-telemetry.ts';

const MEDIA_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

/** How our scripts import one another. */
const IMPORT = /from '\.\/([\w-]+\.js)'/g;
interface Asset {
  readonly mediaType: string;
  readonly body: string;
  /** Made when a browser first asks for it: a start should not wait for what perhaps nobody opens. */
  readonly compressed: Map<ContentCoding, Promise<Buffer>>;
}

export class Assets {
  readonly #byUrl = new Map<string, Asset>();
  readonly #urls = new Map<string, string>();

  /** Reads the folder; throws when it is not there. */
  constructor(folder: URL = assetsFolder()) {
    const sources = new Map(
      readdirSync(folder)
        .filter((name) => extname(name) in MEDIA_TYPES)
        .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
    );
    // A bundle has it in the folder, as one small file.
    if (!sources.has(WEB_TELEMETRY)) for (const [name, source] of webTelemetrySources()) sources.set(name, source);
    for (const name of sources.keys()) this.#addAfterImports(name, sources);
    for (const pizza of HOUSE_MENU) this.#add(`pizza-${pizza.id}.svg`, pizzaArt(pizza));
  }

  /** The address of a file by its plain name. */
  url(name: string): string {
    const url = this.#urls.get(name);
    if (url === undefined) throw new Error(`BUG: there is no asset ${name}`);
    return url;
  }

  /** The picture of a pizza; one that was added to the menu later gets the plainest. */
  pizzaUrl(pizzaId: string): string {
    return this.#urls.get(`pizza-${pizzaId}.svg`) ?? this.url('pizza-margherita.svg');
  }

  serve(app: FastifyInstance): void {
    app.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
      const asset = this.#byUrl.get(`/assets/${request.params.name}`);
      if (asset === undefined) return reply.callNotFound();
      reply
        .header('Cache-Control', 'public, max-age=31536000, immutable')
        .header('Vary', 'Accept-Encoding')
        .type(asset.mediaType);
      const coding = codingFor(request.headers['accept-encoding'], asset.body.length);
      if (coding === undefined) return reply.send(asset.body);
      return reply.header('Content-Encoding', coding).send(await compressed(asset, coding));
    });
  }

  /** What a script imports comes first, because the import names the address with the hash. */
  #addAfterImports(name: string, sources: ReadonlyMap<string, string>): void {
    if (this.#urls.has(name)) return;
    const source = sources.get(name);
    if (source === undefined) throw new Error(`BUG: a script imports ${name}, which is no asset`);
    for (const [, imported] of source.matchAll(IMPORT)) this.#addAfterImports(imported!, sources);
    this.#add(name, source);
  }

  #add(name: string, source: string): void {
    const body = source.replaceAll(IMPORT, (_text, imported: string) => `from '${this.url(imported)}'`);
    const extension = extname(name);
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 10);
    const url = `/assets/${name.slice(0, -extension.length)}.${hash}${extension}`;
    this.#urls.set(name, url);
    this.#byUrl.set(url, { mediaType: MEDIA_TYPES[extension]!, body, compressed: new Map() });
  }
}

/** Whoever asks while it is being made waits for the same one. */
function compressed(asset: Asset, coding: ContentCoding): Promise<Buffer> {
  const made = asset.compressed.get(coding) ?? compressFile(asset.body, coding);
  asset.compressed.set(coding, made);
  return made;
}

/** Beside this file in the sources; a bundle carries the folder beside itself as `pizzeria-assets`. */
function assetsFolder(): URL {
  const candidates = ['./assets/', './pizzeria-assets/'].map((path) => new URL(path, import.meta.url));
  const found = candidates.find((url) => existsSync(new URL('pizzeria.css', url)));
  if (found === undefined) {
    throw new Error(`The pizzeria's pages are missing their style sheet; looked in ${candidates.join(' and ')}.`);
  }
  return found;
}
