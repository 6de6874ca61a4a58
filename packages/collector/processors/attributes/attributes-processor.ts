// The attributes processor: actions on the attributes of spans, log records and data points.
import { BatchEdit, type LogBatch, type MetricBatch, type Signal, type SignalBatch, type SpanBatch } from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import type { Consume, ProcessorFactory, Step } from '../../component.ts';
import type { ReadContext } from '../../config/read-context.ts';
import { type AttributeAction, applyActions, readActions } from './actions.ts';
import { type Match, matcherFor, readMatch } from './match.ts';

export interface AttributesConfig {
  readonly actions: readonly AttributeAction[];
  readonly include: Match | undefined;
  readonly exclude: Match | undefined;
}

export const attributesProcessor: ProcessorFactory<AttributesConfig> = {
  kind: 'processor',
  types: ['attributes'],
  signals: ['traces', 'metrics', 'logs'],
  readConfig(node: ConfigNode, context: ReadContext) {
    const fields = node.fields({ actions: 'used', include: 'used', exclude: 'used' });
    if ((fields.actions?.list().length ?? 0) === 0) (fields.actions ?? node).error('missing required field "actions"');
    return {
      actions: fields.actions === undefined ? [] : readActions(fields.actions, context),
      include: fields.include === undefined ? undefined : readMatch(fields.include),
      exclude: fields.exclude === undefined ? undefined : readMatch(fields.exclude),
    };
  },
  create: (_signal, config, _settings, next) => attributesStep(config, next),
};

function attributesStep<S extends Signal>(config: AttributesConfig, next: Consume<S>): Step<S> {
  return {
    start: async () => {},
    shutdown: async () => {},
    consume: (batch) => next(editRecords(batch, config) as SignalBatch[S]),
  };
}

function editRecords(batch: SpanBatch | LogBatch | MetricBatch, config: AttributesConfig) {
  const edit = new BatchEdit(batch);
  const { actions } = config;
  if (batch.signal === 'metrics') return editPoints(batch, config, edit);
  const selected = matcherFor(batch, config.include, config.exclude);
  const attributes = edit.attributes(batch.attributes, (row, owner) => {
    if (selected(owner, row)) applyActions(actions, row);
  });
  return { ...batch, ...edit.pool, attributes };
}

function editPoints(batch: MetricBatch, { actions, include, exclude }: AttributesConfig, edit: BatchEdit): MetricBatch {
  const edited = <Points extends MetricBatch['numbers' | 'histograms' | 'exponentials' | 'summaries']>(
    points: Points,
  ): Points => {
    if (points.count === 0) return points;
    const selected = matcherFor({ batch, points }, include, exclude);
    const attributes = edit.attributes(points.attributes, (row, owner) => {
      if (selected(owner, row)) applyActions(actions, row);
    });
    return { ...points, attributes };
  };
  const tables = {
    numbers: edited(batch.numbers),
    histograms: edited(batch.histograms),
    exponentials: edited(batch.exponentials),
    summaries: edited(batch.summaries),
  };
  return { ...batch, ...edit.pool, ...tables };
}
