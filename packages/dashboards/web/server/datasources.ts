/** The data sources of this server, and how a panel's reference finds one of them. */
import { useQuery } from '@tanstack/react-query';
import type { DatasourceRef } from '../../model/index.ts';
import { requestJson } from './api.ts';

export interface Datasource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly url: string;
  readonly isDefault: boolean;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

export function useDatasources() {
  return useQuery({
    queryKey: ['datasources'],
    queryFn: ({ signal }) => requestJson<readonly Datasource[]>('/api/datasources', { signal }),
    staleTime: 5 * 60_000,
  });
}

/**
 * `uid` may be a uid, a name, `default:prometheus` (from an import's input) or absent; it is interpolated already.
 * A uid that is not here falls back to the source of the same type: dashboards travel between installations.
 */
export function findDatasource(
  datasources: readonly Datasource[],
  ref: DatasourceRef | undefined,
): Datasource | undefined {
  const byDefault = datasources.find(({ isDefault }) => isDefault) ?? datasources[0];
  if (ref === undefined) return byDefault;
  const { uid, type } = ref;
  if (uid !== undefined && uid !== 'default' && uid !== '') {
    const exact =
      datasources.find((candidate) => candidate.uid === uid) ?? datasources.find((candidate) => candidate.name === uid);
    if (exact !== undefined) return exact;
    const wanted = uid.startsWith('default:') ? uid.slice('default:'.length) : type;
    return ofType(datasources, wanted);
  }
  return type === undefined || type === 'datasource' ? byDefault : ofType(datasources, type);
}

function ofType(datasources: readonly Datasource[], type: string | undefined): Datasource | undefined {
  const same = datasources.filter((candidate) => candidate.type === type);
  return same.find(({ isDefault }) => isDefault) ?? same[0];
}

export function proxyPath(datasource: Datasource, path: string): string {
  return `/api/datasources/proxy/uid/${encodeURIComponent(datasource.uid)}${path}`;
}
