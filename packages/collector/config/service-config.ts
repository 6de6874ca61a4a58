// The `service` section: which components run, in which pipelines, and how the collector tells about itself.
import type { Signal } from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import type { ComponentKind } from '../component.ts';
import type { ComponentConfig, ComponentSet } from './collector-config.ts';
import { parseComponentId } from './component-id.ts';
import type { ReadContext } from './read-context.ts';
import { readTelemetry, type TelemetryConfig } from './telemetry-config.ts';

export interface ServiceConfig {
  readonly extensions: readonly ComponentConfig[];
  readonly pipelines: readonly PipelineConfig[];
  readonly telemetry: TelemetryConfig;
}

export interface PipelineConfig {
  /** As written: `traces`, `metrics/internal`. */
  readonly id: string;
  readonly signal: Signal;
  /** Receivers, and connectors that bring telemetry here. */
  readonly receivers: readonly ComponentConfig[];
  readonly processors: readonly ComponentConfig[];
  /** Exporters, and connectors that take telemetry elsewhere. */
  readonly exporters: readonly ComponentConfig[];
}

interface Components {
  readonly receivers: ComponentSet;
  readonly processors: ComponentSet;
  readonly exporters: ComponentSet;
  readonly connectors: ComponentSet;
  readonly extensions: ComponentSet;
}

/** Extensions that serve debugging only: a configuration that names them still does its work without. */
const dispensable = new Set(['zpages', 'pprof']);

export function readService(
  node: ConfigNode | undefined,
  root: ConfigNode,
  components: Components,
  context: ReadContext,
): ServiceConfig {
  const fields = node?.fields({ extensions: 'used', pipelines: 'used', telemetry: 'used' }) ?? {};
  const pipelines = readPipelines(fields.pipelines, components, context);
  if ((fields.pipelines?.entries().length ?? 0) === 0) {
    context.missing(fields.pipelines ?? node ?? root, 'service must have at least one pipeline');
  }
  checkConnectors(pipelines, components.connectors, context);
  checkCycles(pipelines);
  return {
    extensions: readExtensions(fields.extensions, components, context),
    pipelines,
    telemetry: readTelemetry(fields.telemetry, context),
  };
}

function readExtensions(node: ConfigNode | undefined, components: Components, context: ReadContext): ComponentConfig[] {
  return (node?.list() ?? []).flatMap((item) => {
    const found = reference(item, [components.extensions], 'extension', 'service::extensions', context);
    if (found === undefined) return [];
    if (found.factory !== undefined) return [found];
    if (!dispensable.has(found.id.type)) {
      context.refuse(item, `extension ${found.id.type} is not supported by the embedded collector`);
    }
    return [];
  });
}

function readPipelines(node: ConfigNode | undefined, components: Components, context: ReadContext): PipelineConfig[] {
  return (node?.entries() ?? []).flatMap(([name, pipeline]) => {
    const id = parseComponentId(name);
    if ('error' in id) {
      pipeline.error(id.error);
      return [];
    }
    const fields = pipeline.fields({ receivers: 'used', processors: 'used', exporters: 'used' });
    const read = (key: 'receivers' | 'processors' | 'exporters', kind: ComponentKind, sets: ComponentSet[]) =>
      references(fields[key], sets, kind, `service::pipelines::${id.text}`, context);
    const receivers = read('receivers', 'receiver', [components.receivers, components.connectors]);
    const processors = read('processors', 'processor', [components.processors]);
    const exporters = read('exporters', 'exporter', [components.exporters, components.connectors]);
    if ((fields.receivers?.list().length ?? 0) === 0) context.missing(pipeline, 'must have at least one receiver');
    if ((fields.exporters?.list().length ?? 0) === 0) context.missing(pipeline, 'must have at least one exporter');
    if (id.type === 'profiles') {
      pipeline.warn('profiles are not supported by the embedded collector; this pipeline is left out');
      return [];
    }
    if (id.type !== 'traces' && id.type !== 'metrics' && id.type !== 'logs') {
      pipeline.error(`unknown signal "${id.type}"`);
      return [];
    }
    for (const used of [...receivers, ...processors, ...exporters]) {
      if (used.factory === undefined) {
        context.refuse(pipeline, `needs ${used.kind} ${used.id.text}, which the embedded collector does not support`);
      } else checkSignal(used, id.type, pipeline);
    }
    return [{ id: id.text, signal: id.type, receivers, processors, exporters }];
  });
}

function references(
  node: ConfigNode | undefined,
  sets: readonly ComponentSet[],
  kind: ComponentKind,
  where: string,
  context: ReadContext,
): ComponentConfig[] {
  const seen = new Set<string>();
  return (node?.list() ?? []).flatMap((item) => {
    const found = reference(item, sets, kind, where, context);
    if (found === undefined) return [];
    if (seen.has(found.id.text)) {
      item.error(`references ${kind} "${found.id.text}" multiple times`);
      return [];
    }
    seen.add(found.id.text);
    return [found];
  });
}

/** The component that an item names; an issue when there is none. */
function reference(
  item: ConfigNode,
  sets: readonly ComponentSet[],
  kind: ComponentKind,
  where: string,
  context: ReadContext,
): ComponentConfig | undefined {
  const name = item.string();
  if (name === undefined) return undefined;
  const id = parseComponentId(name);
  if ('error' in id) {
    item.error(id.error);
    return undefined;
  }
  for (const set of sets) {
    const found = set.get(id.text);
    if (found !== undefined) return found;
  }
  context.missing(item, `${where}: references ${kind} "${id.text}" which is not configured`);
  return undefined;
}

function checkSignal(used: ComponentConfig, signal: Signal, pipeline: ConfigNode): void {
  const { factory } = used;
  if (factory === undefined || !('signals' in factory) || factory.signals.includes(signal)) return;
  pipeline.error(`${used.kind} "${used.id.text}" does not support ${signal}: telemetry type is not supported`);
}

/** A connector joins pipelines: it must be an exporter of one and a receiver of another, for a route that it has. */
function checkConnectors(pipelines: readonly PipelineConfig[], connectors: ComponentSet, context: ReadContext): void {
  for (const [id, { node, factory }] of connectors) {
    const from = pipelines.filter((pipeline) => pipeline.exporters.some((exporter) => exporter.id.text === id));
    const to = pipelines.filter((pipeline) => pipeline.receivers.some((receiver) => receiver.id.text === id));
    if (from.length > 0 && to.length === 0) {
      context.missing(
        node,
        `connector "${id}" used as exporter in [${from.map((p) => p.id).join(' ')}] pipeline but not used in any supported receiver pipeline`,
      );
    }
    if (to.length > 0 && from.length === 0) {
      context.missing(
        node,
        `connector "${id}" used as receiver in [${to.map((p) => p.id).join(' ')}] pipeline but not used in any supported exporter pipeline`,
      );
    }
    if (factory?.kind !== 'connector') continue;
    for (const source of from) {
      const leads = to.some((target) =>
        factory.routes.some((route) => route.from === source.signal && route.to === target.signal),
      );
      if (!leads && to.length > 0)
        node.error(`connector "${id}" cannot take ${source.signal} of pipeline "${source.id}" anywhere`);
    }
  }
}

/** Telemetry that comes back to a pipeline it passed through would go round for ever. */
function checkCycles(pipelines: readonly PipelineConfig[]): void {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (pipeline: PipelineConfig, path: readonly string[]): void => {
    if (state.get(pipeline.id) === 'done') return;
    state.set(pipeline.id, 'open');
    for (const connector of pipeline.exporters) {
      if (connector.kind !== 'connector') continue;
      for (const target of pipelines) {
        if (!target.receivers.some((receiver) => receiver.id.text === connector.id.text)) continue;
        if (state.get(target.id) === 'open') {
          const cycle = [...path, pipeline.id, target.id].join('" -> "');
          connector.node.error(`cycle detected: pipeline "${cycle}" by connector "${connector.id.text}"`);
        } else visit(target, [...path, pipeline.id]);
      }
    }
    state.set(pipeline.id, 'done');
  };
  for (const pipeline of pipelines) visit(pipeline, []);
}
