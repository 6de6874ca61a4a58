/** Silences and notifications of the Alertmanager that is provisioned, the embedded or a real one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, requestJson } from '../server/api.ts';
import { type Datasource, proxyPath, useDatasources } from '../server/datasources.ts';

export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

export interface NewSilence {
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export interface Silence extends NewSilence {
  readonly id: string;
  readonly status: { readonly state: 'active' | 'pending' | 'expired' };
}

export interface SentMessage {
  readonly atMs: number;
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly alertNames: readonly string[];
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly firingCount: number;
  readonly resolvedCount: number;
  readonly outcome: 'sent' | 'failed' | 'nobody';
  readonly error: string;
}

const REFRESH_MS = 15_000;

/** Undefined while data sources load, and when none of them is an Alertmanager. */
export function useAlertmanager(): Datasource | undefined {
  return useDatasources().data?.find(({ type }) => type === 'alertmanager');
}

export function useSilences() {
  const alertmanager = useAlertmanager();
  return useQuery({
    queryKey: ['silences', alertmanager?.uid],
    queryFn: ({ signal }) => requestJson<readonly Silence[]>(proxyPath(alertmanager!, '/api/v2/silences'), { signal }),
    enabled: alertmanager !== undefined,
    refetchInterval: REFRESH_MS,
  });
}

/** Null from an Alertmanager that keeps no history: the real one. */
export function useNotifications() {
  const alertmanager = useAlertmanager();
  return useQuery({
    queryKey: ['notifications', alertmanager?.uid],
    queryFn: async ({ signal }) => {
      try {
        return await requestJson<readonly SentMessage[]>(proxyPath(alertmanager!, '/api/v2/notifications'), { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    enabled: alertmanager !== undefined,
    refetchInterval: REFRESH_MS,
  });
}

export function useCreateSilence() {
  const alertmanager = useAlertmanager();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (silence: NewSilence) =>
      requestJson<{ readonly silenceID: string }>(proxyPath(alertmanager!, '/api/v2/silences'), { body: silence }),
    onSettled: () => client.invalidateQueries({ queryKey: ['silences'] }),
  });
}

export function useExpireSilence() {
  const alertmanager = useAlertmanager();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      const answer = await fetch(proxyPath(alertmanager!, `/api/v2/silence/${id}`), { method: 'DELETE' });
      if (!answer.ok) throw new ApiError(answer.status, (await answer.text()) || answer.statusText);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['silences'] }),
  });
}

export function isSilencedBy(silence: Silence, labels: Readonly<Record<string, string>>): boolean {
  return (
    silence.status.state === 'active' &&
    silence.matchers.every(({ name, value, isRegex, isEqual }) => {
      const actual = labels[name] ?? '';
      return (isRegex ? matchesWhole(value, actual) : actual === value) === (isEqual ?? true);
    })
  );
}

/** Only to mark alerts in the page: an expression that is none of JavaScript's marks nothing. */
function matchesWhole(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(text);
  } catch {
    return false;
  }
}

export function formatMatcher({ name, value, isRegex, isEqual }: SilenceMatcher): string {
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  return `${name}${operator}"${value}"`;
}

/** `severity="critical"`, `team=~a|b`; undefined when it is no matcher. */
export function parseMatcher(text: string): SilenceMatcher | undefined {
  const match = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"]*?))\s*$/.exec(text);
  if (match === null) return undefined;
  const [, name, operator, quoted, bare] = match;
  const value = quoted === undefined ? bare! : quoted.replace(/\\(.)/g, '$1');
  return { name: name!, value, isRegex: operator!.endsWith('~'), isEqual: operator!.startsWith('=') };
}
