/** Addresses and their pages. Pages are loaded when they are first visited; add one here and in the server's list. */
import { type ComponentType, lazy } from 'react';

export interface PageProps {
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Route {
  /** `:name` stands for one part of the path. */
  readonly pattern: string;
  readonly page: ComponentType<PageProps>;
  /** Shown without the bar on top. */
  readonly bare?: boolean;
}

const AlertingPage = lazy(() => import('./alerting/alerting-page.tsx'));
const DashboardListPage = lazy(() => import('./dashboards/dashboard-list-page.tsx'));

export const routes: readonly Route[] = [
  { pattern: '/login', page: lazy(() => import('./login/login-page.tsx')), bare: true },
  { pattern: '/', page: DashboardListPage },
  { pattern: '/dashboards', page: DashboardListPage },
  { pattern: '/d/:uid', page: lazy(() => import('./dashboard/dashboard-page.tsx')) },
  { pattern: '/d/:uid/:slug', page: lazy(() => import('./dashboard/dashboard-page.tsx')) },
  { pattern: '/explore', page: lazy(() => import('./explore/explore-page.tsx')) },
  { pattern: '/alerting', page: AlertingPage },
  { pattern: '/alerting/:section', page: AlertingPage },
  { pattern: '/runbooks/:name', page: lazy(() => import('./alerting/runbook-page.tsx')) },
  { pattern: '/faults/:name', page: lazy(() => import('./alerting/fault-page.tsx')) },
  { pattern: '/profile', page: lazy(() => import('./login/profile-page.tsx')) },
  { pattern: '*', page: lazy(() => import('./shell/not-found-page.tsx')) },
];
