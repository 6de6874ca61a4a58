/** What can be done with a panel. */
import { interpolate, type Panel, promqlFormat } from '../../model/index.ts';
import { formatExploreAddress } from '../explore/explore-address.ts';
import { setSearch } from '../router/router.ts';
import { findDatasource } from '../server/datasources.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { type DashboardContextValue, useDashboardContext } from './dashboard-context.ts';
import { panelScope } from './panel-data.ts';

export function PanelMenu({
  panel,
  alone,
  onInspect,
}: {
  readonly panel: Panel;
  readonly alone: boolean;
  readonly onInspect: () => void;
}) {
  const context = useDashboardContext();
  const explore = exploreHref(panel, context);
  return (
    <Menu
      label={`Menu of ${panel.title || 'the panel'}`}
      button={<Icon name="more" />}
      className="button-icon panel-menu"
      align="end"
    >
      <MenuItem onSelect={() => setSearch({ viewPanel: alone ? undefined : String(panel.id) })}>
        {alone ? 'Back to the dashboard' : 'View alone'}
      </MenuItem>
      {explore !== undefined && <MenuItem href={explore}>Explore</MenuItem>}
      {panel.targets.length > 0 && <MenuItem onSelect={onInspect}>Inspect data</MenuItem>}
      {panel.links.map((link) => (
        <MenuItem key={link.url} href={interpolate(link.url, panelScope(panel, context, context.range))}>
          {link.title || link.url}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** The first query of the panel, as it is asked now. */
function exploreHref(panel: Panel, context: DashboardContextValue): string | undefined {
  const target = panel.targets.find(({ hide }) => !hide);
  const own =
    typeof target?.datasource === 'object' && target.datasource !== null
      ? (target.datasource as { uid?: string; type?: string })
      : panel.datasource;
  const scope = panelScope(panel, context, context.range);
  const datasource = findDatasource(
    context.datasources,
    own === undefined
      ? undefined
      : { type: own.type, uid: own.uid === undefined ? undefined : interpolate(own.uid, scope) },
  );
  const text = target?.expr ?? target?.query;
  if (datasource === undefined || typeof text !== 'string') return undefined;
  // Intervals stay macros: Explore has its own width and step.
  const kept = { lookup: (name: string) => (/^__(rate_)?interval/.test(name) ? undefined : scope.lookup(name)) };
  const { fromMs, toMs } = context.range;
  return formatExploreAddress({
    datasource: datasource.uid,
    query: interpolate(text, kept, promqlFormat),
    range: { from: String(fromMs), to: String(toMs) },
  });
}
