// The whole of a Collector configuration, read and held against the components that exist.
import { ConfigIssues, type ConfigNode, type Place, readYamlFile, readYamlText } from '@mario/service';
import type { AnyFactory, ComponentKind } from '../component.ts';
import { factories } from '../components.ts';
import { type ComponentId, parseComponentId } from './component-id.ts';
import { expand } from './expand.ts';
import { isKnownComponent, knownComponents } from './known-components.ts';
import { ReadContext } from './read-context.ts';
import { readService, type ServiceConfig } from './service-config.ts';

/** A configured component. Without a factory it is one that the real Collector knows and this one does not run. */
export interface ComponentConfig {
  readonly id: ComponentId;
  readonly kind: ComponentKind;
  readonly node: ConfigNode;
  readonly factory: AnyFactory | undefined;
  readonly config: unknown;
}

export type ComponentSet = ReadonlyMap<string, ComponentConfig>;

export interface CollectorConfig {
  readonly receivers: ComponentSet;
  readonly processors: ComponentSet;
  readonly exporters: ComponentSet;
  readonly connectors: ComponentSet;
  readonly extensions: ComponentSet;
  readonly service: ServiceConfig;
}

export interface ReadResult {
  /** Undefined when a file could not be read at all. */
  readonly config: CollectorConfig | undefined;
  readonly context: ReadContext;
}

const sections = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  connectors: 'connector',
  extensions: 'extension',
} as const;

/** A configuration file; `text` is what it holds when that was read already. */
export interface ConfigSource {
  readonly file: string;
  readonly text?: string;
}

/**
 * Reads the files, the later over the earlier. Everything wrong is in the context's issues; the caller decides what to
 * do about them.
 */
export function readCollectorConfig(
  sources: readonly ConfigSource[],
  env: Readonly<Record<string, string | undefined>>,
): ReadResult {
  const issues = new ConfigIssues();
  const context = new ReadContext(issues);
  const expansion = {
    env,
    error: issues.error.bind(issues),
    unset: context.unset.bind(context),
  };
  let root: ConfigNode | undefined;
  for (const { file, text } of sources) {
    const options = { issues, expand: (value: string, place: Place) => expand(value, place, expansion) };
    const node = text === undefined ? readYamlFile(file, options) : readYamlText(text, file, options);
    if (node === undefined) return { config: undefined, context };
    // A file with nothing but comments changes nothing.
    if (root === undefined) root = node;
    else if (!node.isNull) root = root.under(node);
  }
  return { config: root === undefined ? undefined : readRoot(root, context), context };
}

function readRoot(root: ConfigNode, context: ReadContext): CollectorConfig {
  const fields = root.fields({
    receivers: 'used',
    processors: 'used',
    exporters: 'used',
    connectors: 'used',
    extensions: 'used',
    service: 'used',
  });
  context.isLayer = fields.receivers === undefined || fields.exporters === undefined;
  const read = (section: keyof typeof sections) => readComponents(fields[section], sections[section], context);
  const components = {
    receivers: read('receivers'),
    processors: read('processors'),
    exporters: read('exporters'),
    connectors: read('connectors'),
    extensions: read('extensions'),
  };
  if (components.receivers.size === 0 && components.connectors.size === 0) {
    context.missing(fields.receivers ?? root, 'no receiver configuration specified in config');
  }
  if (components.exporters.size === 0 && components.connectors.size === 0) {
    context.missing(fields.exporters ?? root, 'no exporter configuration specified in config');
  }
  for (const id of components.connectors.keys()) {
    const twice = components.receivers.get(id) ?? components.exporters.get(id);
    twice?.node.error(`ambiguous ID: "${id}" is used as both a ${twice.kind} and a connector`);
  }
  return { ...components, service: readService(fields.service, root, components, context) };
}

function readComponents(section: ConfigNode | undefined, kind: ComponentKind, context: ReadContext): ComponentSet {
  const found = new Map<string, ComponentConfig>();
  for (const [name, node] of section?.entries() ?? []) {
    const id = parseComponentId(name);
    if ('error' in id) {
      node.error(id.error);
      continue;
    }
    if (found.has(id.text)) {
      node.error(`duplicate name "${id.text}" after unmarshaling`);
      continue;
    }
    const factory = findFactory(kind, id.type);
    if (factory === undefined && !isKnownComponent(kind, id.type)) {
      node.error(`unknown type: "${id.type}" for id: "${id.text}" (valid values: ${nearKinds(kind)})`);
      continue;
    }
    if (factory === undefined) node.warn(`${kind} ${id.type} is not supported by the embedded collector`);
    found.set(id.text, { id, kind, node, factory, config: factory?.readConfig(node, context) });
  }
  return found;
}

/** The factory of a type under any of its names. */
function findFactory(kind: ComponentKind, type: string): AnyFactory | undefined {
  return factories.find((factory) => factory.kind === kind && factory.types.includes(type));
}

function nearKinds(kind: ComponentKind): string {
  const own = factories.filter((factory) => factory.kind === kind).flatMap((factory) => factory.types);
  const others = knownComponents(kind).length - own.length;
  return `[${own.join(' ')}]; ${others} more are known and not run here`;
}
