/** Log lines as the store accepts them: a WebSocket through the data source's proxy, the newest line first. */
import { useEffect, useMemo, useState } from 'react';
import { type LogLine, type LokiStream, logLines } from '../../model/frames/loki-frames.ts';
import { derivedFieldsOf } from '../logs/derived-fields.ts';
import { LogList } from '../logs/log-list.tsx';
import { type Datasource, proxyPath } from '../server/datasources.ts';
import { Empty, Failure } from '../ui/states.tsx';

/** Older lines leave the page: who tails reads what comes. */
const LINES_MAX = 500;

/** Lines of before the tail began, so that the page is not empty at first. */
const LINES_BEFORE = '100';

interface TailMessage {
  readonly streams?: readonly LokiStream[] | null;
  readonly dropped_entries?: readonly unknown[] | null;
}

interface LiveTailProps {
  readonly datasource: Datasource;
  readonly datasources: readonly Datasource[];
  readonly query: string;
}

export function LiveTail({ datasource, datasources, query }: LiveTailProps) {
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [dropped, setDropped] = useState(0);
  const [ended, setEnded] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const derived = useMemo(() => datasources.flatMap(derivedFieldsOf), [datasources]);

  useEffect(() => {
    setLines([]);
    setDropped(0);
    setEnded(false);
    const parameters = new URLSearchParams({ query, limit: LINES_BEFORE });
    const socket = new WebSocket(proxyPath(datasource, `/loki/api/v1/tail?${parameters}`));
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as TailMessage;
      const news = logLines(message.streams ?? []);
      if (news.length > 0) setLines((known) => [...news, ...known].slice(0, LINES_MAX));
      setDropped((count) => count + (message.dropped_entries?.length ?? 0));
    });
    socket.addEventListener('close', () => setEnded(true));
    return () => socket.close();
  }, [datasource, query, attempt]);

  if (ended && lines.length === 0) {
    return (
      <Failure
        title="The tail could not be opened"
        message="Only lines can be tailed, not series: check that the query is a selector with its filters. A store lets a few tails be open at a time."
        retry={() => setAttempt((count) => count + 1)}
      />
    );
  }
  return (
    <section className="explore-tail" aria-label="Live tail">
      <p role="status">
        {ended ? 'The tail has ended.' : 'Lines appear as they are accepted.'}
        {dropped > 0 && ` ${dropped} came too fast to be shown.`}
      </p>
      {lines.length === 0 ? (
        <Empty title="Nothing yet">The first line that matches appears here.</Empty>
      ) : (
        <LogList lines={lines} derived={derived} timezone="browser" />
      )}
    </section>
  );
}
