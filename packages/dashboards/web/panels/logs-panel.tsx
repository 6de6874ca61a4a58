/** Log lines. */
import { useMemo } from 'react';
import { linesOf } from '../../model/frames/loki-frames.ts';
import { asBoolean, asString } from '../../model/json.ts';
import { useDashboardContext } from '../dashboard/dashboard-context.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { derivedFieldsOf } from '../logs/derived-fields.ts';
import { LogList } from '../logs/log-list.tsx';

export default function LogsPanel({ data }: { readonly data: PanelData }) {
  const { options } = data.panel;
  const { datasources } = useDashboardContext();
  const lines = useMemo(() => {
    const all = data.frames.flatMap(linesOf);
    return asString(options.sortOrder, 'Descending') === 'Ascending' ? all.toReversed() : all;
  }, [data.frames, options.sortOrder]);
  const derived = useMemo(() => datasources.flatMap(derivedFieldsOf), [datasources]);
  return (
    <LogList
      lines={lines}
      derived={derived}
      timezone={data.timezone}
      showTime={asBoolean(options.showTime, true)}
      showLabels={asBoolean(options.showLabels, false)}
      wrap={asBoolean(options.wrapLogMessage, false)}
      prettify={asBoolean(options.prettifyLogMessage, false)}
    />
  );
}
