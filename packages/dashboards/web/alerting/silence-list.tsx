/** Silences: those in force, those to come, those that ended lately. */
import { Empty, Failure, Loading } from '../ui/states.tsx';
import { formatMatcher, type Silence, useExpireSilence, useSilences } from './silences.ts';
import { ago } from './wording.ts';

const WORDS = { active: 'In force', pending: 'To come', expired: 'Ended' } as const;

/** Ended ones are kept for days; the page shows the latest. */
const ENDED_MAX = 20;

export function SilenceList() {
  const silences = useSilences();
  const expire = useExpireSilence();
  if (silences.isPending) return <Loading what="silences" />;
  if (silences.isError)
    return (
      <Failure
        title="The silences could not be loaded"
        message={silences.error.message}
        retry={() => silences.refetch()}
      />
    );
  const ended = silences.data.filter(({ status }) => status.state === 'expired').slice(0, ENDED_MAX);
  const shown = [...silences.data.filter(({ status }) => status.state !== 'expired'), ...ended];
  if (shown.length === 0)
    return (
      <Empty title="Nothing is silenced">A silence keeps alerts from being told while somebody works on them.</Empty>
    );
  return (
    <>
      {expire.isError && (
        <p className="form-problem" role="alert">
          {expire.error.message}
        </p>
      )}
      <ul className="alerts">
        {shown.map((silence) => (
          <SilenceItem key={silence.id} silence={silence} onEnd={() => expire.mutate(silence.id)} />
        ))}
      </ul>
    </>
  );
}

function SilenceItem({ silence, onEnd }: { readonly silence: Silence; readonly onEnd: () => void }) {
  const { state } = silence.status;
  const when =
    state === 'pending'
      ? `begins ${ago(silence.startsAt)}`
      : `${state === 'active' ? 'ends' : 'ended'} ${ago(silence.endsAt)}`;
  return (
    <li className={`alert silence-${state}`}>
      <span className="alert-state">{WORDS[state]}</span>
      <div className="alert-body">
        <div className="alert-title">
          <strong>{silence.comment || 'No reason given'}</strong>
          {state !== 'expired' && (
            <button type="button" className="button alert-end" onClick={onEnd}>
              End now
            </button>
          )}
        </div>
        <p className="quiet alert-facts">
          <span title={new Date(silence.endsAt).toLocaleString('en-GB')}>{when}</span>
          <span>by {silence.createdBy}</span>
          {silence.matchers.map((matcher) => (
            <code key={formatMatcher(matcher)}>{formatMatcher(matcher)}</code>
          ))}
        </p>
      </div>
    </li>
  );
}
