/** Runs all targets of a panel, each against its own data source, and applies the panel's transformations. */

import type { DataFrame } from '../../model/frames/grafana-data.ts';
import { transform } from '../../model/frames/transformations.ts';
import type { DatasourceRef, Panel, Target } from '../../model/index.ts';
import { interpolate } from '../../model/index.ts';
import { type Datasource, findDatasource } from '../server/datasources.ts';
import { isExemplarFrame } from './exemplar-frames.ts';
import { runLoki } from './loki-query.ts';
import { runPrometheus, type TargetAnswer } from './prometheus-query.ts';
import type { QueryContext, QueryRecord } from './query-context.ts';
import { runTempo } from './tempo-query.ts';

export interface PanelAnswer {
  readonly frames: readonly DataFrame[];
  readonly exemplarFrames: readonly DataFrame[];
  readonly notices: readonly string[];
  readonly records: readonly QueryRecord[];
  /** Targets that failed while others succeeded; all failing is an error of the panel. */
  readonly failures: readonly string[];
}

const RUNNERS: Readonly<
  Record<
    string,
    (
      target: Target,
      datasource: Datasource,
      context: QueryContext,
      settings: { severalTables: boolean },
    ) => Promise<TargetAnswer>
  >
> = {
  prometheus: runPrometheus,
  loki: runLoki,
  tempo: runTempo,
};

export async function runPanel(panel: Panel, context: QueryContext): Promise<PanelAnswer> {
  const targets = panel.targets.filter((target) => !target.hide);
  const tables = targets.filter((target) => target.format === 'table').length;
  const settled = await Promise.allSettled(
    targets.map((target) => runTarget(target, panel, context, { severalTables: tables > 1 })),
  );
  const answers = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const errors = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  if (errors.length > 0 && (answers.length === 0 || context.signal.aborted)) throw errors[0]!;
  const frames = answers.flatMap((answer) => answer.frames);
  const scope = context.scopeFor({ intervalMs: 15_000, rateIntervalMs: 60_000 });
  const data = frames.filter((frame) => !isExemplarFrame(frame));
  return {
    frames: await transform(data, panel.transformations, (text) => interpolate(text, scope)),
    exemplarFrames: frames.filter(isExemplarFrame),
    notices: [...new Set(answers.flatMap((answer) => answer.notices))],
    records: answers.flatMap((answer) => answer.records),
    failures: errors.map((error) => error.message),
  };
}

async function runTarget(
  target: Target,
  panel: Panel,
  context: QueryContext,
  settings: { severalTables: boolean },
): Promise<TargetAnswer> {
  const ref = resolveRef(refOf(target, panel), context);
  if (ref?.uid === '-- Dashboard --')
    throw new Error('panels that show the data of another panel are not supported here');
  const datasource = findDatasource(context.datasources, ref);
  if (datasource === undefined)
    throw new Error(`there is no data source ${describe(ref)}; add it in deploy/grafana/provisioning/datasources`);
  const run = RUNNERS[datasource.type];
  if (run === undefined)
    throw new Error(`data sources of type ${datasource.type} are not supported here (prometheus, loki and tempo are)`);
  return run(target, datasource, context, settings);
}

/** A mixed panel leaves the choice to its targets; elsewhere the panel's source is that of its targets. */
function refOf(target: Target, panel: Panel): DatasourceRef | undefined {
  const own = target.datasource;
  if (typeof own === 'string' && own !== '') return { type: undefined, uid: own };
  if (typeof own === 'object' && own !== null) return own as unknown as DatasourceRef;
  return panel.datasource?.uid === '-- Mixed --' ? undefined : panel.datasource;
}

function resolveRef(ref: DatasourceRef | undefined, context: QueryContext): DatasourceRef | undefined {
  if (ref?.uid?.includes('$') !== true) return ref;
  const uid = interpolate(ref.uid, context.scopeFor({ intervalMs: 15_000, rateIntervalMs: 60_000 }));
  // A variable that nobody declared stands for the default of the type.
  return uid.includes('$') ? { type: ref.type, uid: undefined } : { type: ref.type, uid };
}

function describe(ref: DatasourceRef | undefined): string {
  return ref === undefined
    ? 'at all'
    : `"${ref.uid ?? ref.type ?? ''}"${ref.type === undefined ? '' : ` of type ${ref.type}`}`;
}
