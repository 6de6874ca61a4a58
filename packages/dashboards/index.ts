/** Dashboards: the server that the stack opens, and what the command line checks dashboards with. */
export {
  type ConformanceReport,
  type ExpressionParsers,
  runDashboardsConformance,
} from './model/conformance/run-dashboards-conformance.ts';
export { type DashboardsOptions, type DashboardsService, openDashboards } from './server/dashboards-service.ts';
export { checkDashboard } from './server/provisioning/check-dashboard.ts';
