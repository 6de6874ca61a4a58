/** Pages to read beside the dashboards: Markdown files, so that links to them work wherever the page is open. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { problem } from '../accounts/authenticate.ts';

/** What alerts name as their runbooks, and what goes wrong on purpose. */
const SHELVES = ['runbooks', 'faults'] as const;

/** A plain name: nothing that could leave the folder. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/** A page that people read at night; a larger file is something else. */
const CHARS_MAX = 256 * 1024;

/** `/api/runbooks` and `/api/faults`, each from the folder of its name in `docs`. */
export function addRunbookRoutes(app: FastifyInstance, docs: string): void {
  for (const shelf of SHELVES) addShelf(app, shelf, join(docs, shelf));
}

function addShelf(app: FastifyInstance, shelf: string, folder: string): void {
  app.get(`/api/${shelf}`, async () => {
    const files = await readdir(folder).catch(() => []);
    return files.flatMap((file) => (file.endsWith('.md') && file !== 'README.md' ? [file.slice(0, -3)] : [])).sort();
  });

  app.get<{ Params: { name: string } }>(`/api/${shelf}/:name`, async (request, reply) => {
    const { name } = request.params;
    const text = NAME.test(name)
      ? await readFile(join(folder, `${name}.md`), 'utf8').catch(() => undefined)
      : undefined;
    if (text === undefined) return reply.code(404).send(problem(404, 'not-found', `There is no such page in ${shelf}`));
    return { name, markdown: text.slice(0, CHARS_MAX) };
  });
}
