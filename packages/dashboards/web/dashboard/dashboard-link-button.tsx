/** A link that the author put above a dashboard: to one address, or to all dashboards with certain tags. */
import { useQuery } from '@tanstack/react-query';
import { createScope, type DashboardLink, interpolate, type RawTimeRange } from '../../model/index.ts';
import { macrosOf } from '../query/variable-values.ts';
import { Link } from '../router/link.tsx';
import { requestJson } from '../server/api.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { useDashboardContext } from './dashboard-context.ts';

export interface DashboardLinkButtonProps {
  readonly link: DashboardLink;
  readonly raw: RawTimeRange;
}

export function DashboardLinkButton({ link, raw }: DashboardLinkButtonProps) {
  const context = useDashboardContext();
  const time = link.keepTime ? `?${new URLSearchParams({ from: raw.from, to: raw.to })}` : '';
  if (link.url === '') return <TaggedDashboards link={link} time={time} />;
  const href = interpolate(link.url, createScope(context.variables, macrosOf(context)));
  if (href.startsWith('/')) {
    return (
      <Link className="button" href={href + (href.includes('?') ? time.replace('?', '&') : time)}>
        {link.title || href}
      </Link>
    );
  }
  if (!/^https?:/.test(href)) return null;
  return (
    <a className="button" href={href} target="_blank" rel="noreferrer">
      {link.title || href} <Icon name="external" size={12} />
    </a>
  );
}

function TaggedDashboards({ link, time }: { readonly link: DashboardLink; readonly time: string }) {
  const parameters = new URLSearchParams({ type: 'dash-db' });
  for (const tag of link.tags) parameters.append('tag', tag);
  const list = useQuery({
    queryKey: ['search', parameters.toString()],
    queryFn: ({ signal }) =>
      requestJson<readonly { uid: string; title: string; url: string }[]>(`/api/search?${parameters}`, { signal }),
  });
  return (
    <Menu
      label={link.title || link.tags.join(', ')}
      className="button"
      align="end"
      button={
        <>
          {link.title || link.tags.join(', ')} <Icon name="chevron" size={12} />
        </>
      }
    >
      {(list.data ?? []).map(({ uid, title, url }) => (
        <MenuItem key={uid} href={url + time}>
          {title}
        </MenuItem>
      ))}
    </Menu>
  );
}
