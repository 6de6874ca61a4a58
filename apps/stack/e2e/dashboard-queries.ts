/** The queries of a provisioned dashboard as its page would send them, for asking without a browser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const dashboards = join(import.meta.dirname, '..', '..', '..', 'deploy', 'grafana', 'dashboards');

interface Target {
  readonly expr?: string;
}

interface Panel {
  readonly title?: string;
  readonly type: string;
  readonly targets?: readonly Target[];
  readonly panels?: readonly Panel[];
}

interface Variable {
  readonly name: string;
  readonly allValue?: string | null;
  readonly current?: { readonly value?: string | readonly string[] };
}

export interface PanelQuery {
  readonly panel: string;
  readonly expr: string;
}

/** Every PromQL target with variables at their defaults and windows of `windowS` seconds. */
export function dashboardQueries(file: string, windowS: number): readonly PanelQuery[] {
  const dashboard = JSON.parse(readFileSync(join(dashboards, file), 'utf8')) as {
    panels: readonly Panel[];
    templating?: { list: readonly Variable[] };
  };
  const variables = dashboard.templating?.list ?? [];
  const panels = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  return panels.flatMap((panel) =>
    (panel.targets ?? []).flatMap(({ expr }) =>
      expr === undefined ? [] : [{ panel: panel.title ?? panel.type, expr: interpolate(expr, variables, windowS) }],
    ),
  );
}

function interpolate(expr: string, variables: readonly Variable[], windowS: number): string {
  const inNumbers = expr.replace(/\$\{?__(?:rate_interval|interval|range)_(m?s)\}?/g, (_, unit: string) =>
    String(unit === 's' ? windowS : windowS * 1000),
  );
  const macros = inNumbers.replace(/\$\{?__(?:rate_interval|interval|range)\}?/g, `${windowS}s`);
  return macros.replace(
    /\$\{(\w+)(?::\w+)?\}|\$(\w+)/g,
    (text, braced: string | undefined, bare: string | undefined) => {
      const variable = variables.find(({ name }) => name === (braced ?? bare));
      return variable === undefined ? text : defaultOf(variable);
    },
  );
}

function defaultOf({ allValue, current }: Variable): string {
  const value = current?.value ?? '';
  const values = typeof value === 'string' ? [value] : value;
  if (values.includes('$__all')) return allValue ?? '.*';
  return values.length === 1 ? values[0]! : `(${values.join('|')})`;
}
