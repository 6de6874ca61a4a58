/** Alerting rules in a panel. */

import { asBoolean, asNumber, asObject, asString } from '../../model/json.ts';
import { AlertRules } from '../alerting/alert-rules.tsx';
import { mostUrgentFirst, useAlertRules } from '../alerting/alerts.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { Empty, Failure, Loading } from '../ui/states.tsx';

const ITEMS_MAX = 20;

export default function AlertListPanel({ data }: { readonly data: PanelData }) {
  const rules = useAlertRules();
  const { options } = data.panel;
  if (rules.isPending) return <Loading what="alerts" />;
  if (rules.isError) return <Failure title="No answer" message={rules.error.message} retry={() => rules.refetch()} />;
  const wanted = asObject(options.stateFilter);
  const name = data.interpolate(asString(options.alertName)).toLowerCase();
  const shown = mostUrgentFirst(rules.data)
    .filter(({ state }) =>
      state === 'inactive'
        ? asBoolean(wanted.normal, false) || asBoolean(wanted.inactive, false)
        : asBoolean(wanted[state], true),
    )
    .filter((rule) => rule.name.toLowerCase().includes(name));
  if (shown.length === 0) return <Empty title="No alerts">Nothing is in the states that this panel shows.</Empty>;
  return (
    <div className="text-panel" style={{ height: '100%', overflow: 'auto' }}>
      <AlertRules rules={shown.slice(0, asNumber(options.maxItems, ITEMS_MAX))} brief />
    </div>
  );
}
