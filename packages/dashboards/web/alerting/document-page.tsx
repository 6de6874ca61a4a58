/** One Markdown file of `docs`, with its links to its neighbours. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from '../router/link.tsx';
import { requestJson } from '../server/api.ts';
import { markdownHtml } from '../ui/markdown.ts';
import { Failure, Loading } from '../ui/states.tsx';
import './alerting.css';

interface DocumentPageProps {
  /** The folder in `docs`; the server has the same list. */
  readonly shelf: 'runbooks' | 'faults';
  readonly what: string;
  readonly name: string;
}

export function DocumentPage({ shelf, what, name }: DocumentPageProps) {
  const file = useQuery({
    queryKey: [shelf, name],
    queryFn: ({ signal }) =>
      requestJson<{ readonly markdown: string }>(`/api/${shelf}/${encodeURIComponent(name)}`, { signal }),
    retry: false,
  });
  const markdown = file.data?.markdown ?? '';
  const html = useMemo(() => withPageLinks(markdownHtml(markdown, false), shelf), [markdown, shelf]);
  document.title = `${/^# (.*)/m.exec(markdown)?.[1] ?? name} · Mario’s telemetry`;
  return (
    <div className="page-wide runbook">
      <p>
        <Link href="/alerting">All alerts</Link>
      </p>
      {file.isPending && <Loading what={`the ${what}`} />}
      {file.isError && (
        <Failure
          title={`There is no ${what} ${name}`}
          message={file.error.message}
          advice={`They live in docs/${shelf}.`}
        />
      )}
      {file.isSuccess && <article dangerouslySetInnerHTML={{ __html: html }} />}
    </div>
  );
}

/** Links between files of both folders become links between pages. */
function withPageLinks(html: string, shelf: string): string {
  return html.replaceAll(
    /href="(?:\.\.\/(runbooks|faults)\/)?([A-Za-z0-9-]+)\.md(#[^"]*)?"/g,
    (_link, other: string | undefined, file: string, hash: string | undefined) =>
      `href="/${other ?? shelf}/${file}${hash ?? ''}"`,
  );
}
