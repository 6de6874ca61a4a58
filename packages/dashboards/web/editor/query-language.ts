/** The three query languages in the editor: highlighting and completion, by the type of the data source. */
import type { Extension } from '@codemirror/state';
import { type Datasource, proxyPath } from '../server/datasources.ts';

export type QueryLanguage = 'promql' | 'logql' | 'traceql';

export function languageOf(datasourceType: string): QueryLanguage {
  if (datasourceType === 'loki') return 'logql';
  return datasourceType === 'tempo' ? 'traceql' : 'promql';
}

/** Loaded when an editor of that language is first shown. */
export async function loadLanguage(datasource: Datasource): Promise<Extension> {
  switch (languageOf(datasource.type)) {
    case 'promql': {
      const { PromQLExtension } = await import('@prometheus-io/codemirror-promql');
      const url = new URL(proxyPath(datasource, ''), window.location.href).href;
      return new PromQLExtension()
        .setComplete({ remote: { url, fetchFn: (input, init) => fetch(input, init) } })
        .asExtension();
    }
    case 'logql':
      return (await import('./logql-language.ts')).logqlLanguage(datasource);
    case 'traceql':
      return (await import('./traceql-language.ts')).traceqlLanguage(datasource);
  }
}
