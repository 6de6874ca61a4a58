/** Lists and gives dashboards in the shapes of Grafana's HTTP API. */
import type { FastifyInstance } from 'fastify';
import type { DashboardLibrary, LibraryEntry } from '../provisioning/dashboard-library.ts';

/** Grafana's default and maximum for one page of search results. */
const SEARCH_LIMIT = 1_000;
const SEARCH_LIMIT_MAX = 5_000;

export function addDashboardRoutes(app: FastifyInstance, library: DashboardLibrary): void {
  app.get('/api/search', async (request) => {
    const query = request.query as Record<string, string | string[] | undefined>;
    const words = one(query.query).toLowerCase();
    const tags = many(query.tag);
    const uids = many(query.dashboardUIDs).concat(many(query.dashboardUID));
    const limit = Math.min(SEARCH_LIMIT_MAX, Math.max(1, Number(one(query.limit)) || SEARCH_LIMIT));
    const type = one(query.type);
    const dashboards = library.entries
      .filter((entry) => entry.title.toLowerCase().includes(words))
      .filter((entry) => tags.every((tag) => entry.tags.includes(tag)))
      .filter((entry) => uids.length === 0 || uids.includes(entry.uid))
      .map((entry, index) => presentHit(entry, index + 1));
    if (type === 'dash-folder') return presentFolders(library);
    return dashboards.slice(0, limit);
  });

  app.get('/api/dashboards/uid/:uid', async (request, reply) => {
    const entry = library.get((request.params as { uid: string }).uid);
    if (entry === undefined) return reply.code(404).send({ message: 'Dashboard not found' });
    return { meta: presentMeta(entry), dashboard: entry.json };
  });

  app.get('/api/dashboards/tags', async () => {
    const counts = new Map<string, number>();
    for (const tag of library.entries.flatMap((entry) => entry.tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    return [...counts].map(([term, count]) => ({ term, count }));
  });

  const saveRefused = {
    message: 'Dashboards come from files (deploy/grafana/dashboards); edit the file, the page follows within seconds',
    status: 'provisioned',
  };
  app.post('/api/dashboards/db', async (_request, reply) => reply.code(400).send(saveRefused));

  app.get('/api/folders', async () => presentFolders(library));
  app.get('/api/annotations', async () => []);
}

function presentHit(entry: LibraryEntry, id: number) {
  const folder =
    entry.provider.folder === '' ? {} : { folderUid: entry.provider.folderUid, folderTitle: entry.provider.folder };
  return {
    id,
    uid: entry.uid,
    title: entry.title,
    uri: `db/${entry.slug}`,
    url: `/d/${entry.uid}/${entry.slug}`,
    slug: '',
    type: 'dash-db',
    tags: entry.tags,
    description: entry.description,
    isStarred: false,
    ...folder,
  };
}

function presentMeta(entry: LibraryEntry) {
  const time = new Date(entry.modifiedMs).toISOString();
  return {
    type: 'db',
    slug: entry.slug,
    url: `/d/${entry.uid}/${entry.slug}`,
    canSave: false,
    canEdit: false,
    canAdmin: false,
    canStar: false,
    canDelete: false,
    created: time,
    updated: time,
    version: 1,
    isFolder: false,
    folderUid: entry.provider.folderUid,
    folderTitle: entry.provider.folder,
    provisioned: true,
    provisionedExternalId: entry.file.slice(entry.file.lastIndexOf('/') + 1),
  };
}

function presentFolders(library: DashboardLibrary) {
  const folders = new Map(
    library.entries
      .filter((entry) => entry.provider.folder !== '')
      .map((entry) => [entry.provider.folderUid, entry.provider.folder]),
  );
  return [...folders].map(([uid, title], index) => ({ id: index + 1, uid, title }));
}

function one(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

function many(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
