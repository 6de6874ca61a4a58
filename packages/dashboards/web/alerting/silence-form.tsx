/** A new silence: which alerts, how long, by whom and why. */
import { type FormEvent, useState } from 'react';
import { Drawer } from '../ui/drawer.tsx';
import { formatMatcher, parseMatcher, useCreateSilence } from './silences.ts';

const DURATIONS: readonly (readonly [label: string, minutes: number])[] = [
  ['30 minutes', 30],
  ['2 hours', 120],
  ['8 hours', 480],
  ['1 day', 1_440],
  ['1 week', 10_080],
];

export interface SilenceFormProps {
  /** Labels of the alert that is to be silenced; empty for a silence from scratch. */
  readonly labels: Readonly<Record<string, string>>;
  readonly onClose: () => void;
}

export function SilenceForm({ labels, onClose }: SilenceFormProps) {
  const create = useCreateSilence();
  const [problem, setProblem] = useState<string>();
  const given = Object.entries(labels).map(([name, value]) =>
    formatMatcher({ name, value, isRegex: false, isEqual: true }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const lines = String(form.get('matchers'))
      .split('\n')
      .filter((line) => line.trim() !== '');
    const matchers = lines.map(parseMatcher);
    const bad = lines[matchers.indexOf(undefined)];
    if (bad !== undefined)
      return setProblem(`This line is no matcher: ${bad.trim()}. Write name="value" or name=~"a|b".`);
    const nowMs = Date.now();
    setProblem(undefined);
    create.mutate(
      {
        matchers: matchers.flatMap((matcher) => matcher ?? []),
        startsAt: new Date(nowMs).toISOString(),
        endsAt: new Date(nowMs + Number(form.get('minutes')) * 60_000).toISOString(),
        createdBy: String(form.get('createdBy')),
        comment: String(form.get('comment')),
      },
      { onSuccess: onClose, onError: (error) => setProblem(error.message) },
    );
  };
  return (
    <Drawer title="New silence" onClose={onClose}>
      <form className="form silence-form" onSubmit={submit}>
        <label>
          Alerts with these labels
          <textarea
            name="matchers"
            rows={Math.max(4, given.length + 1)}
            defaultValue={given.join('\n')}
            required
            spellCheck={false}
          />
          <span className="hint">One matcher a line; all of them must hold. Fewer lines silence more alerts.</span>
        </label>
        <label>
          For
          <select name="minutes" defaultValue="120">
            {DURATIONS.map(([label, minutes]) => (
              <option key={label} value={minutes}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          Why
          <input name="comment" required maxLength={500} placeholder="Oven is being repaired" />
        </label>
        <label>
          Who
          <input name="createdBy" required maxLength={100} autoComplete="username" defaultValue="admin" />
        </label>
        {problem !== undefined && (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="button button-primary" disabled={create.isPending}>
          Silence
        </button>
      </form>
    </Drawer>
  );
}
