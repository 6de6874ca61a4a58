/** Alerting rules as a list: their state, what holds since when, and the ways from there. */
import { Link } from '../router/link.tsx';
import { type ActiveAlert, type AlertRule, runbookHref } from './alerts.ts';
import './alerting.css';
import { isSilencedBy, type Silence } from './silences.ts';
import { TemplateText } from './template-text.tsx';
import { ago, numberText } from './wording.ts';

const WORDS = { firing: 'Firing', pending: 'Pending', inactive: 'Quiet' } as const;

export interface AlertRulesProps {
  readonly rules: readonly AlertRule[];
  /** In a panel: only what there is to say about active alerts. */
  readonly brief?: boolean;
  readonly silences?: readonly Silence[];
  /** Offers to silence an alert. */
  readonly onSilence?: (labels: Readonly<Record<string, string>>) => void;
}

export function AlertRules({ rules, brief = false, silences = [], onSilence }: AlertRulesProps) {
  return (
    <ul className="alerts">
      {rules.map((rule) => (
        <li key={`${rule.group} ${rule.name}`} className={`alert alert-${rule.state}`}>
          <span className="alert-state">{WORDS[rule.state]}</span>
          <div className="alert-body">
            <div className="alert-title">
              <strong>{rule.name}</strong>
              {rule.labels.severity !== undefined && <span className="tag">{rule.labels.severity}</span>}
              {!brief && <RuleLinks annotations={rule.annotations} />}
            </div>
            {!brief && rule.alerts.length === 0 && <QuietText rule={rule} />}
            {rule.health === 'err' && <p className="form-problem">{rule.lastError}</p>}
            {rule.alerts.map((alert) => (
              <Active
                key={JSON.stringify(alert.labels)}
                alert={alert}
                brief={brief}
                silence={silences.find((silence) => isSilencedBy(silence, alert.labels))}
                onSilence={onSilence}
              />
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}

function QuietText({ rule }: { readonly rule: AlertRule }) {
  const text = rule.annotations.summary ?? rule.annotations.description;
  if (text === undefined) return <p className="quiet alert-query">{rule.query}</p>;
  return (
    <p className="quiet">
      <TemplateText text={text} />
    </p>
  );
}

interface ActiveProps {
  readonly alert: ActiveAlert;
  readonly brief: boolean;
  readonly silence: Silence | undefined;
  readonly onSilence: AlertRulesProps['onSilence'];
}

function Active({ alert, brief, silence, onSilence }: ActiveProps) {
  const { summary, description } = alert.annotations;
  const labels = Object.entries(alert.labels).filter(([name]) => name !== 'alertname' && name !== 'severity');
  return (
    <div className={silence === undefined ? 'alert-active' : 'alert-active alert-silenced'}>
      <p>{summary ?? description}</p>
      {summary !== undefined && description !== undefined && <p className="quiet">{description}</p>}
      <p className="quiet alert-facts">
        <span title={new Date(alert.activeAt).toLocaleString('en-GB')}>{ago(alert.activeAt)}</span>
        <span>value {numberText(alert.value)}</span>
        {labels.map(([name, value]) => (
          <code key={name}>
            {name}={value}
          </code>
        ))}
        {silence !== undefined && (
          <Link href="/alerting/silences">Silenced: {silence.comment || 'no reason given'}</Link>
        )}
        {brief && <RuleLinks annotations={alert.annotations} />}
        {silence === undefined && onSilence !== undefined && (
          <button type="button" className="link-button" onClick={() => onSilence(alert.labels)}>
            Silence
          </button>
        )}
      </p>
    </div>
  );
}

function RuleLinks({ annotations }: { readonly annotations: Readonly<Record<string, string>> }) {
  const dashboard = annotations.dashboard_url;
  const runbook = runbookHref(annotations.runbook_url);
  return (
    <span className="alert-links">
      {dashboard !== undefined && isPath(dashboard) && <Link href={dashboard}>Dashboard</Link>}
      {runbook !== undefined &&
        (isPath(runbook) ? (
          <Link href={runbook}>Runbook</Link>
        ) : (
          <a href={runbook} target="_blank" rel="noreferrer">
            Runbook
          </a>
        ))}
    </span>
  );
}

function isPath(address: string): boolean {
  return address.startsWith('/') && !address.startsWith('//');
}
