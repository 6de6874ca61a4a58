/** A runbook: what an alert means, where to look first, what it usually is. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from '../router/link.tsx';
import type { PageProps } from '../routes.tsx';
import { requestJson } from '../server/api.ts';
import { markdownHtml } from '../ui/markdown.ts';
import { Failure, Loading } from '../ui/states.tsx';
import './alerting.css';

export default function RunbookPage({ parameters }: PageProps) {
  const { name = '' } = parameters;
  const runbook = useQuery({
    queryKey: ['runbook', name],
    queryFn: ({ signal }) =>
      requestJson<{ readonly markdown: string }>(`/api/runbooks/${encodeURIComponent(name)}`, { signal }),
    retry: false,
  });
  const markdown = runbook.data?.markdown ?? '';
  // Links from one runbook to another are links between files.
  const html = useMemo(
    () => markdownHtml(markdown, false).replace(/href="([a-z0-9-]+)\.md(#[^"]*)?"/g, 'href="/runbooks/$1$2"'),
    [markdown],
  );
  document.title = `${/^# (.*)/m.exec(markdown)?.[1] ?? 'Runbook'} · Mario’s telemetry`;
  return (
    <div className="page-wide runbook">
      <p>
        <Link href="/alerting">All alerts</Link>
      </p>
      {runbook.isPending && <Loading what="the runbook" />}
      {runbook.isError && (
        <Failure
          title={`There is no runbook ${name}`}
          message={runbook.error.message}
          advice="Runbooks live in docs/runbooks."
        />
      )}
      {runbook.isSuccess && <article dangerouslySetInnerHTML={{ __html: html }} />}
    </div>
  );
}
