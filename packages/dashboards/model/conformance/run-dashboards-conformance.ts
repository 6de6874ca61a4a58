/**
 * Walks a folder of dashboard files: every panel must load, interpolate, parse and have a known type.
 * The languages' parsers come from outside: this package knows the stores only by HTTP.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Dashboard,
  DashboardError,
  loadDashboard,
  type Panel,
  type Target,
  type VariableScope,
} from '../index.ts';
import { isPanelType } from '../panel-types.ts';
import { interpolate, promqlFormat, traceqlFormat } from '../variables/interpolate.ts';
import { sampleScope } from './sample-scope.ts';

/** Each throws an error that says what is wrong with the expression. */
export interface ExpressionParsers {
  readonly promql?: (expression: string) => unknown;
  readonly logql?: (expression: string) => unknown;
  readonly traceql?: (expression: string) => unknown;
}

export interface ConformanceReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly case: string; readonly expected: string; readonly actual: string }[];
}

/** `path` is a folder of `.json` files or one file. Without a parser its expressions are only interpolated. */
export async function runDashboardsConformance(
  path: string,
  parsers: ExpressionParsers = {},
): Promise<ConformanceReport> {
  const files = path.endsWith('.json')
    ? [path]
    : (await readdir(path))
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => join(path, name));
  const failures: { case: string; expected: string; actual: string }[] = [];
  let passed = 0;
  for (const file of files) {
    const name = file.slice(file.lastIndexOf('/') + 1);
    let dashboard: Dashboard;
    try {
      ({ dashboard } = loadDashboard(JSON.parse(await readFile(file, 'utf8'))));
    } catch (error) {
      const kind = error instanceof DashboardError ? 'refused' : 'not loaded';
      failures.push({ case: name, expected: 'a dashboard', actual: `${kind}: ${messageOf(error)}` });
      continue;
    }
    const scope = sampleScope(dashboard);
    for (const row of dashboard.rows) {
      for (const panel of row.panels) {
        const wrong = checkPanel(panel, dashboard, scope, parsers);
        if (wrong === undefined) passed++;
        else failures.push({ case: `${name} panel ${panel.id} "${panel.title}"`, ...wrong });
      }
    }
  }
  return { passed, failed: failures.length, skipped: 0, failures };
}

interface Wrong {
  readonly expected: string;
  readonly actual: string;
}

/**
 * A panel of several queries of which one is malformed is shown with the others and a warning, here as in Grafana, so
 * it passes; when none is well-formed, it fails with the first.
 */
function checkPanel(
  panel: Panel,
  dashboard: Dashboard,
  scope: VariableScope,
  parsers: ExpressionParsers,
): Wrong | undefined {
  if (!isPanelType(panel.type)) return { expected: 'a known panel type', actual: panel.type };
  const asked = panel.targets.map((target) => checkTarget(target, panel, dashboard, scope, parsers));
  const wrong = asked.filter((found) => found !== undefined);
  return wrong.length === asked.length ? wrong[0] : undefined;
}

function checkTarget(
  target: Target,
  panel: Panel,
  dashboard: Dashboard,
  scope: VariableScope,
  parsers: ExpressionParsers,
): Wrong | undefined {
  const language = languageOf(target, panel, dashboard);
  const expression = expressionOf(target);
  if (language === undefined || expression === undefined) return undefined;
  // A variable alone in place of a TraceQL query holds a trace id, which is looked up and not parsed.
  if (language === 'traceql' && /^\s*\$\{?\w+\}?\s*$/.test(expression)) return undefined;
  const text = interpolate(expression, scope, language === 'traceql' ? traceqlFormat : promqlFormat);
  if (text.trim() === '') return undefined;
  try {
    parsers[language]?.(text);
    return undefined;
  } catch (error) {
    return { expected: `valid ${language}: ${text}`, actual: messageOf(error) };
  }
}

/** Of a source that is none of the three (OpenSearch, SQL, test data) nothing can be parsed here. */
function languageOf(target: Target, panel: Panel, dashboard: Dashboard): keyof ExpressionParsers | undefined {
  const ref =
    typeof target.datasource === 'object' && target.datasource !== null ? target.datasource : panel.datasource;
  const declared = (ref as { type?: unknown } | undefined)?.type ?? typeOfVariable(ref, dashboard);
  if (declared === 'loki') return 'logql';
  if (declared === 'prometheus' || declared === 'datasource' || declared === undefined) {
    return panel.type === 'logs' && declared === undefined ? 'logql' : 'promql';
  }
  return declared === 'tempo' && (target.queryType === 'traceql' || target.queryType === undefined)
    ? 'traceql'
    : undefined;
}

function typeOfVariable(ref: unknown, dashboard: Dashboard): string | undefined {
  const uid = (ref as { uid?: unknown } | undefined)?.uid;
  if (typeof uid !== 'string') return undefined;
  if (uid.startsWith('default:')) return uid.slice('default:'.length);
  const name = /^\$\{?(\w+)\}?$/.exec(uid)?.[1];
  return dashboard.variables.find((variable) => variable.type === 'datasource' && variable.name === name)?.query;
}

function expressionOf(target: Target): string | undefined {
  if (typeof target.expr === 'string') return target.expr;
  return typeof target.query === 'string' && target.queryType === 'traceql' ? target.query : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
