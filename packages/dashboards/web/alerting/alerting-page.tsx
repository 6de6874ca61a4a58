/** All alerting rules with their state. */
import { Empty, Failure, Loading } from '../ui/states.tsx';
import { AlertRules } from './alert-rules.tsx';
import { mostUrgentFirst, useAlertRules } from './alerts.ts';

export default function AlertingPage() {
  const rules = useAlertRules();
  document.title = 'Alerts · Mario’s telemetry';
  const firing = rules.data?.filter(({ state }) => state === 'firing').length ?? 0;
  return (
    <div className="page-wide">
      <div className="list-head">
        <h1>Alerts</h1>
        {rules.isSuccess && (
          <span className="quiet">
            {firing === 0 ? 'Nothing fires' : `${firing} of ${rules.data.length} rules fire`}
          </span>
        )}
      </div>
      {rules.isPending && <Loading what="rules" />}
      {rules.isError && (
        <Failure title="The rules could not be loaded" message={rules.error.message} retry={() => rules.refetch()} />
      )}
      {rules.isSuccess && rules.data.length === 0 && (
        <Empty title="There are no alerting rules">Rule files live in deploy/prometheus/rules.</Empty>
      )}
      {rules.isSuccess && <AlertRules rules={mostUrgentFirst(rules.data)} />}
    </div>
  );
}
