// The pages of the office, one behind the other.

import { type Access, MANAGEMENT, OFFICE } from '../../application/identity/access.ts';
import { frontPageUrl } from '../dashboard-links.ts';
import { type Html, html } from '../html.ts';
import { mayEnter, type Visitor } from '../visitor.ts';

const TABS: readonly { readonly path: string; readonly text: string; readonly access: Access }[] = [
  { path: '/today', text: 'Today', access: OFFICE },
  { path: '/manage', text: 'Analytics', access: OFFICE },
  { path: '/manage/menu', text: 'Menu', access: MANAGEMENT },
  { path: '/manage/faults', text: 'Faults', access: OFFICE },
  { path: '/manage/events', text: 'Events', access: MANAGEMENT },
];

/** The tabs that the visitor may open, and the way in for whoever is not known yet. */
export function officeTabs(current: string, visitor: Visitor): Html {
  const links = TABS.filter(({ access }) => mayEnter(visitor, access)).map(({ path, text }) =>
    path === current ? html`<a href="${path}" aria-current="page">${text}</a>` : html`<a href="${path}">${text}</a>`,
  );
  const more = mayEnter(visitor, MANAGEMENT)
    ? ''
    : html`<a class="quiet" href="/login?return=${encodeURIComponent(current)}">More for the manager: log in</a>`;
  const { dashboardsUrl } = visitor;
  const dashboards = dashboardsUrl === undefined ? '' : html`<a href="${frontPageUrl(dashboardsUrl)}">Dashboards ↗</a>`;
  const open =
    visitor.policy.isOpen && visitor.principal === undefined
      ? html`<p class="quiet">Kitchen, delivery and these numbers are open to everybody on this machine. <code>MARIO_AUTH=required</code> locks the doors.</p>`
      : '';
  return html`<nav class="tabs" aria-label="Office">${links}${dashboards}${more}</nav>${open}`;
}
