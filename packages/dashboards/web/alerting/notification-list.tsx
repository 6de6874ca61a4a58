/** What receivers were told, the latest on top. */
import { Empty, Failure, Loading } from '../ui/states.tsx';
import { type SentMessage, useNotifications } from './silences.ts';
import { ago } from './wording.ts';

export function NotificationList() {
  const messages = useNotifications();
  if (messages.isPending) return <Loading what="notifications" />;
  if (messages.isError)
    return (
      <Failure
        title="The notifications could not be loaded"
        message={messages.error.message}
        retry={() => messages.refetch()}
      />
    );
  if (messages.data === null) return <Empty title="This Alertmanager keeps no history">The embedded one does.</Empty>;
  if (messages.data.length === 0)
    return (
      <Empty title="Nobody was told anything yet">Receivers are named in deploy/alertmanager/alertmanager.yml.</Empty>
    );
  return (
    <table className="notifications">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Alerts</th>
          <th scope="col">What</th>
          <th scope="col">Receiver</th>
          <th scope="col">Outcome</th>
        </tr>
      </thead>
      <tbody>
        {messages.data.map((message) => (
          <tr key={`${message.atMs} ${message.receiver} ${JSON.stringify(message.groupLabels)}`}>
            <td title={new Date(message.atMs).toLocaleString('en-GB')}>{ago(message.atMs)}</td>
            <td>{message.alertNames.join(', ')}</td>
            <td>{counts(message)}</td>
            <td>{message.receiver}</td>
            <td className={`outcome-${message.outcome}`}>{outcome(message)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function counts({ firingCount, resolvedCount }: SentMessage): string {
  const parts = [firingCount > 0 ? `${firingCount} firing` : '', resolvedCount > 0 ? `${resolvedCount} resolved` : ''];
  return parts.filter((part) => part !== '').join(', ');
}

function outcome({ outcome: result, error }: SentMessage): string {
  if (result === 'sent') return 'told';
  return result === 'nobody' ? 'no webhook: nobody was told' : `failed: ${error}`;
}
