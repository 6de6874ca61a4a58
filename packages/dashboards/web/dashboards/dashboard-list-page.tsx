/** All dashboards, by folder, found by typing. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from '../router/link.tsx';
import { setSearch, useLocation } from '../router/router.ts';
import { requestJson } from '../server/api.ts';
import { Icon } from '../ui/icon.tsx';
import { Empty, Failure, Loading } from '../ui/states.tsx';

interface Hit {
  readonly uid: string;
  readonly title: string;
  readonly url: string;
  readonly tags: readonly string[];
  readonly description?: string;
  readonly folderTitle?: string;
}

export default function DashboardListPage() {
  const { search } = useLocation();
  const [words, setWords] = useState(search.get('query') ?? '');
  const tag = search.get('tag') ?? undefined;
  const list = useQuery({
    queryKey: ['search'],
    queryFn: ({ signal }) => requestJson<readonly Hit[]>('/api/search?type=dash-db', { signal }),
    refetchInterval: 30_000,
  });
  document.title = 'Dashboards · Mario’s telemetry';
  return (
    <div className="page-wide">
      <div className="list-head">
        <h1>Dashboards</h1>
        <label className="search-box">
          <Icon name="search" />
          <input
            type="search"
            placeholder="Find a dashboard"
            aria-label="Find a dashboard"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        </label>
        {tag !== undefined && (
          <button type="button" className="tag tag-chosen" onClick={() => setSearch({ tag: undefined })}>
            {tag} <Icon name="close" size={12} />
          </button>
        )}
      </div>
      {list.isPending && <Loading what="dashboards" />}
      {list.isError && (
        <Failure title="The list could not be loaded" message={list.error.message} retry={() => list.refetch()} />
      )}
      {list.isSuccess && (
        <Folders
          hits={list.data.filter((hit) => matches(hit, words, tag))}
          searched={words !== '' || tag !== undefined}
        />
      )}
    </div>
  );
}

function matches(hit: Hit, words: string, tag: string | undefined): boolean {
  const text = `${hit.title} ${hit.tags.join(' ')} ${hit.folderTitle ?? ''}`.toLowerCase();
  const found = words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
  return found && (tag === undefined || hit.tags.includes(tag));
}

function Folders({ hits, searched }: { readonly hits: readonly Hit[]; readonly searched: boolean }) {
  if (hits.length === 0) {
    return searched ? (
      <Empty title="No dashboard matches">Try fewer words.</Empty>
    ) : (
      <Empty title="There are no dashboards yet">
        Put a dashboard’s JSON into deploy/grafana/dashboards; it appears here within seconds.
      </Empty>
    );
  }
  const folders = [...Map.groupBy(hits, (hit) => hit.folderTitle ?? 'General')];
  return folders.map(([folder, entries]) => (
    <section key={folder} className="folder">
      <h2>{folder}</h2>
      <ul className="dashboard-cards">
        {frontPagesFirst(entries).map((hit) => (
          <li key={hit.uid}>
            <Link href={hit.url} className="dashboard-card">
              <strong>{hit.title}</strong>
              {hit.description !== undefined && hit.description !== '' && (
                <span className="quiet">{hit.description}</span>
              )}
              <span className="tags">
                {hit.tags.map((name) => (
                  <span key={name} className="tag">
                    {name}
                  </span>
                ))}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  ));
}

/** What says by its tag that it is where to begin stands first; the rest stays in the order of the titles. */
function frontPagesFirst(hits: readonly Hit[]): readonly Hit[] {
  return hits.toSorted((a, b) => Number(b.tags.includes('front-page')) - Number(a.tags.includes('front-page')));
}
