/** The alerting rules of the metrics' data source and their state now. */
import { useQuery } from '@tanstack/react-query';
import { requestJson } from '../server/api.ts';
import { proxyPath, useDatasources } from '../server/datasources.ts';

export interface AlertRule {
  readonly name: string;
  readonly group: string;
  readonly query: string;
  readonly durationS: number;
  readonly state: 'firing' | 'pending' | 'inactive';
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly alerts: readonly ActiveAlert[];
}

/** Where an alert's runbook is read: a page of its own, or here, when it is a file of this repository. */
export function runbookHref(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  if (/^https?:\/\//.test(url)) return url;
  const name = /^(?:\.?\/)?docs\/runbooks\/([A-Za-z0-9_-]+)\.md$/.exec(url)?.[1];
  return name === undefined ? undefined : `/runbooks/${name}`;
}

export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'firing' | 'pending';
  readonly activeAt: string;
  readonly value: string;
}

interface RuleGroups {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly (Record<string, unknown> & { readonly type: string })[];
  }[];
}

const REFRESH_MS = 15_000;

export function useAlertRules() {
  const datasources = useDatasources();
  const prometheus = datasources.data?.find(({ type }) => type === 'prometheus');
  return useQuery({
    queryKey: ['alert rules', prometheus?.uid],
    queryFn: async ({ signal }) => {
      const { data } = await requestJson<{ readonly data: RuleGroups }>(
        proxyPath(prometheus!, '/api/v1/rules?type=alert'),
        { signal },
      );
      return data.groups.flatMap((group) => group.rules.map((rule) => ruleOf(rule, group.name)));
    },
    enabled: prometheus !== undefined,
    refetchInterval: REFRESH_MS,
  });
}

function ruleOf(rule: Record<string, unknown>, group: string): AlertRule {
  const state = rule.state === 'firing' || rule.state === 'pending' ? rule.state : 'inactive';
  return {
    name: String(rule.name),
    group,
    query: String(rule.query ?? ''),
    durationS: Number(rule.duration ?? 0),
    state,
    health: String(rule.health ?? 'unknown'),
    lastError: String(rule.lastError ?? ''),
    labels: (rule.labels ?? {}) as AlertRule['labels'],
    annotations: (rule.annotations ?? {}) as AlertRule['annotations'],
    alerts: (rule.alerts ?? []) as readonly ActiveAlert[],
  };
}

const ORDER = { firing: 0, pending: 1, inactive: 2 } as const;

export function mostUrgentFirst(rules: readonly AlertRule[]): readonly AlertRule[] {
  return rules.toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || a.name.localeCompare(b.name));
}
