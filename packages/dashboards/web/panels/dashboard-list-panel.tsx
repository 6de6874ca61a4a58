/** Links to dashboards in a panel. */
import { useQuery } from '@tanstack/react-query';
import { asArray, asNumber, asString } from '../../model/json.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { Link } from '../router/link.tsx';
import { requestJson } from '../server/api.ts';
import { Failure, Loading } from '../ui/states.tsx';

const ITEMS_MAX = 10;

export default function DashboardListPanel({ data }: { readonly data: PanelData }) {
  const { options } = data.panel;
  const parameters = new URLSearchParams({
    type: 'dash-db',
    query: data.interpolate(asString(options.query)),
    limit: String(asNumber(options.maxItems, ITEMS_MAX)),
  });
  for (const tag of asArray(options.tags)) parameters.append('tag', asString(tag));
  const list = useQuery({
    queryKey: ['search', parameters.toString()],
    queryFn: ({ signal }) =>
      requestJson<readonly { uid: string; title: string; url: string }[]>(`/api/search?${parameters}`, { signal }),
  });
  if (list.isPending) return <Loading what="dashboards" />;
  if (list.isError) return <Failure title="No answer" message={list.error.message} retry={() => list.refetch()} />;
  return (
    <ul className="text-panel">
      {list.data.map(({ uid, title, url }) => (
        <li key={uid}>
          <Link href={url}>{title}</Link>
        </li>
      ))}
    </ul>
  );
}
