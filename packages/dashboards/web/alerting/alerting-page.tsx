/** Alerts, silences and notifications: three sections of one page, each with its own address. */
import { useState } from 'react';
import { Link } from '../router/link.tsx';
import type { PageProps } from '../routes.tsx';
import { Empty, Failure, Loading } from '../ui/states.tsx';
import { AlertRules } from './alert-rules.tsx';
import { type AlertRule, mostUrgentFirst, useAlertRules } from './alerts.ts';
import { NotificationList } from './notification-list.tsx';
import { SilenceForm } from './silence-form.tsx';
import { SilenceList } from './silence-list.tsx';
import { useAlertmanager, useSilences } from './silences.ts';

const SECTIONS = [
  { name: 'alerts', href: '/alerting', label: 'Alerts' },
  { name: 'silences', href: '/alerting/silences', label: 'Silences' },
  { name: 'notifications', href: '/alerting/notifications', label: 'Notifications' },
] as const;

type Labels = Readonly<Record<string, string>>;

export default function AlertingPage({ parameters }: PageProps) {
  const rules = useAlertRules();
  const alertmanager = useAlertmanager();
  const [silencing, setSilencing] = useState<Labels>();
  const here = SECTIONS.find(({ name }) => name === parameters.section)?.name ?? 'alerts';
  document.title = 'Alerts · Mario’s telemetry';
  return (
    <div className="page-wide">
      <div className="list-head">
        <h1>Alerts</h1>
        {rules.isSuccess && <span className="quiet alert-headline">{headline(rules.data)}</span>}
        {alertmanager !== undefined && (
          <button type="button" className="button alert-end" onClick={() => setSilencing({})}>
            New silence
          </button>
        )}
      </div>
      {alertmanager !== undefined && (
        <nav className="sections" aria-label="Alerting">
          {SECTIONS.map(({ name, href, label }) => (
            <Link key={name} href={href} aria-current={name === here ? 'page' : undefined}>
              {label}
            </Link>
          ))}
        </nav>
      )}
      {here === 'alerts' && <Rules rules={rules} onSilence={alertmanager === undefined ? undefined : setSilencing} />}
      {here === 'silences' && <SilenceList />}
      {here === 'notifications' && <NotificationList />}
      {silencing !== undefined && <SilenceForm labels={silencing} onClose={() => setSilencing(undefined)} />}
    </div>
  );
}

interface RulesProps {
  readonly rules: ReturnType<typeof useAlertRules>;
  readonly onSilence: ((labels: Labels) => void) | undefined;
}

function Rules({ rules, onSilence }: RulesProps) {
  const silences = useSilences();
  if (rules.isPending) return <Loading what="rules" />;
  if (rules.isError)
    return (
      <Failure title="The rules could not be loaded" message={rules.error.message} retry={() => rules.refetch()} />
    );
  if (rules.data.length === 0)
    return <Empty title="There are no alerting rules">Rule files live in deploy/prometheus/rules.</Empty>;
  const shared = { silences: silences.data ?? [], ...(onSilence === undefined ? {} : { onSilence }) };
  const active = mostUrgentFirst(rules.data.filter(({ state }) => state !== 'inactive'));
  const quiet = rules.data.filter(({ state }) => state === 'inactive');
  const groups = [...new Set(quiet.map(({ group }) => group))];
  return (
    <>
      {active.length > 0 && <AlertRules rules={active} {...shared} />}
      {groups.map((group) => (
        <section key={group} className="alert-group">
          <h2>{group}</h2>
          <AlertRules rules={quiet.filter((rule) => rule.group === group)} />
        </section>
      ))}
    </>
  );
}

function headline(rules: readonly AlertRule[]): string {
  const firing = rules.filter(({ state }) => state === 'firing').length;
  const pending = rules.filter(({ state }) => state === 'pending').length;
  if (firing === 0 && pending === 0) return 'All is quiet';
  const parts = [
    firing > 0 ? `${firing} of ${rules.length} rules fire` : 'Nothing fires',
    pending > 0 ? `${pending} pending` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
