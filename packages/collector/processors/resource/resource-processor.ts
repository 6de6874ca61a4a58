// The resource processor: actions on the attributes of resources.
import { BatchEdit, type Signal, type TelemetryBatch } from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import type { Consume, ProcessorFactory, Step } from '../../component.ts';
import type { ReadContext } from '../../config/read-context.ts';
import { type AttributeAction, applyActions, readActions } from '../attributes/actions.ts';

export interface ResourceConfig {
  readonly actions: readonly AttributeAction[];
}

export const resourceProcessor: ProcessorFactory<ResourceConfig> = {
  kind: 'processor',
  types: ['resource'],
  signals: ['traces', 'metrics', 'logs'],
  readConfig(node: ConfigNode, context: ReadContext) {
    const { attributes } = node.fields({ attributes: 'used' });
    if ((attributes?.list().length ?? 0) === 0) (attributes ?? node).error('missing required field "attributes"');
    return { actions: attributes === undefined ? [] : readActions(attributes, context) };
  },
  create: (_signal, config, _settings, next) => resourceStep(config, next),
};

function resourceStep<S extends Signal>({ actions }: ResourceConfig, next: Consume<S>): Step<S> {
  return {
    start: async () => {},
    shutdown: async () => {},
    consume: (batch) => next(editResources(batch, actions)),
  };
}

function editResources<Batch extends TelemetryBatch>(batch: Batch, actions: readonly AttributeAction[]): Batch {
  const edit = new BatchEdit(batch);
  const attributes = edit.attributes(batch.resources.attributes, (row) => applyActions(actions, row));
  return { ...batch, ...edit.pool, resources: { ...batch.resources, attributes } };
}
