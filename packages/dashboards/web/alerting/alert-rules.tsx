/** Alerting rules as a list, those that fire on top. */
import { Link } from '../router/link.tsx';
import './alerting.css';
import type { ActiveAlert, AlertRule } from './alerts.ts';

const WORDS = { firing: 'Firing', pending: 'Pending', inactive: 'Quiet' } as const;

export function AlertRules({
  rules,
  brief = false,
}: {
  readonly rules: readonly AlertRule[];
  readonly brief?: boolean;
}) {
  return (
    <ul className="alerts">
      {rules.map((rule) => (
        <li key={`${rule.group} ${rule.name}`} className={`alert alert-${rule.state}`}>
          <span className="alert-state">{WORDS[rule.state]}</span>
          <div>
            <strong>{rule.name}</strong>
            {rule.labels.severity !== undefined && <span className="tag">{rule.labels.severity}</span>}
            {!brief && rule.alerts.length === 0 && (
              <p className="quiet">{rule.annotations.summary ?? rule.annotations.description ?? rule.query}</p>
            )}
            {rule.health === 'err' && <p className="form-problem">{rule.lastError}</p>}
            {rule.alerts.map((alert) => (
              <Active key={JSON.stringify(alert.labels)} alert={alert} />
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Active({ alert }: { readonly alert: ActiveAlert }) {
  const { summary, description, dashboard_url: dashboard, runbook_url: runbook } = alert.annotations;
  const labels = Object.entries(alert.labels).filter(([name]) => name !== 'alertname' && name !== 'severity');
  return (
    <div className="alert-active">
      <p>{summary ?? description}</p>
      {summary !== undefined && description !== undefined && <p className="quiet">{description}</p>}
      <p className="quiet">
        since {new Date(alert.activeAt).toLocaleTimeString('en-GB')} ·{' '}
        {labels.map(([name, value]) => `${name}=${value}`).join(' ')}
        {dashboard !== undefined && isPath(dashboard) && <Link href={dashboard}> Dashboard</Link>}
        {runbook !== undefined && /^https?:/.test(runbook) && (
          <a href={runbook} target="_blank" rel="noreferrer">
            {' '}
            Runbook
          </a>
        )}
      </p>
    </div>
  );
}

function isPath(address: string): boolean {
  return address.startsWith('/') && !address.startsWith('//');
}
