// The static files of the pages, held in memory under names that carry their content's hash, so that browsers may keep
// them for ever.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { HOUSE_MENU } from '../domain/house-menu.ts';
import { pizzaArt } from './pizza-art.ts';

const MEDIA_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

/** How our scripts import one another; one level deep. */
const IMPORT = /from '\.\/([\w-]+\.js)'/g;

interface Asset {
  readonly mediaType: string;
  readonly body: string;
}

export class Assets {
  readonly #byUrl = new Map<string, Asset>();
  readonly #urls = new Map<string, string>();

  /** Reads the folder; throws when it is not there. */
  constructor(folder: URL = assetsFolder()) {
    const names = readdirSync(folder);
    const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
    // Scripts that others import come first, because an import names the address with the hash.
    const imported = new Set(names.flatMap((name) => [...read(name).matchAll(IMPORT)].map((match) => match[1]!)));
    for (const name of imported) this.#add(name, read(name));
    for (const name of names.filter((each) => !imported.has(each))) this.#add(name, read(name));
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
      return reply
        .header('Cache-Control', 'public, max-age=31536000, immutable')
        .type(asset.mediaType)
        .send(asset.body);
    });
  }

  #add(name: string, source: string): void {
    const body = source.replaceAll(IMPORT, (_text, imported: string) => `from '${this.url(imported)}'`);
    const extension = extname(name);
    const mediaType = MEDIA_TYPES[extension];
    if (mediaType === undefined) return;
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 10);
    const url = `/assets/${name.slice(0, -extension.length)}.${hash}${extension}`;
    this.#urls.set(name, url);
    this.#byUrl.set(url, { mediaType, body });
  }
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
