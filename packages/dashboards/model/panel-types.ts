/** The panel types that the page renders; a test of the page holds this list and its registry in step. */
export const panelTypes = [
  'timeseries',
  'stat',
  'table',
  'text',
  'gauge',
  'bargauge',
  'logs',
  'piechart',
  'barchart',
  'heatmap',
  'histogram',
  'state-timeline',
  'status-history',
  'alertlist',
  'dashlist',
  'traces',
  'nodeGraph',
] as const;

export type PanelType = (typeof panelTypes)[number];

export function isPanelType(type: string): type is PanelType {
  return (panelTypes as readonly string[]).includes(type);
}
