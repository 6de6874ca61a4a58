// What the house knows of its troubles: docs/faults and docs/runbooks as pages, wherever the dashboards are.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { OFFICE } from '../../application/identity/access.ts';
import type { PageSender } from '../page-sender.ts';
import { errorPage } from '../pages/error-page.ts';
import { guidePage } from '../pages/guide-page.ts';

const SHELVES = ['faults', 'runbooks'] as const;
/** A name, never a path. */
const NAME = /^[a-z][a-z-]{0,63}$/;

/** `docsDir` is the folder with the two. */
export function guideRoutes(app: FastifyInstance, { pages, docsDir }: { pages: PageSender; docsDir: string }): void {
  for (const shelf of SHELVES) {
    app.get<{ Params: { name: string } }>(
      `/manage/${shelf}/:name`,
      { config: { access: OFFICE } },
      async (request, reply) => {
        const { name } = request.params;
        const text = NAME.test(name) ? await readGuide(join(docsDir, shelf, `${name}.md`)) : undefined;
        if (text === undefined) return pages.page(reply.code(404), errorPage(404, 'There is no such guide.'));
        return pages.page(reply, guidePage(text, pages.visitor(request)));
      },
    );
  }
}

async function readGuide(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
