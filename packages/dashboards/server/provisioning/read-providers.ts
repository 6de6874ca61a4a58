/** Reads `provisioning/dashboards/*.yaml`: which folders of files hold dashboards. */
import { existsSync } from 'node:fs';
import { type ConfigIssues, type ConfigNode, readYamlFile } from '@mario/service';
import { type Environment, expandEnvironment } from './environment.ts';
import { yamlFiles } from './yaml-files.ts';

export interface DashboardProvider {
  readonly name: string;
  /** Title of the folder in the list; empty for none. */
  readonly folder: string;
  readonly folderUid: string;
  /** Where the files are on this machine. */
  readonly path: string;
  readonly updateIntervalMs: number;
}

/** Where the files live inside Grafana's container; here the folder beside the provisioning files stands for it. */
const CONTAINER_PATH = '/var/lib/grafana/dashboards';

/** Grafana's default. */
const UPDATE_INTERVAL_S = 10;

const FILE_KEYS = { apiVersion: 'used', providers: 'used' } as const;

const PROVIDER_KEYS = {
  name: 'used',
  orgId: 'used',
  folder: 'used',
  folderUid: 'used',
  type: 'used',
  disableDeletion: 'used',
  editable: 'used',
  updateIntervalSeconds: 'used',
  allowUiUpdates: 'used',
  options: 'used',
} as const;

const OPTION_KEYS = { path: 'used', foldersFromFilesStructure: 'unused' } as const;

export function readProviders(
  folder: string,
  dashboardsFolder: string,
  environment: Environment,
  issues: ConfigIssues,
): readonly DashboardProvider[] {
  return yamlFiles(folder).flatMap((file) => {
    const root = readYamlFile(file, { issues, expand: (text) => expandEnvironment(text, environment) });
    const nodes = root?.fields(FILE_KEYS).providers?.list() ?? [];
    return nodes.flatMap((node) => readProvider(node, dashboardsFolder) ?? []);
  });
}

function readProvider(node: ConfigNode, dashboardsFolder: string): DashboardProvider | undefined {
  const fields = node.fields(PROVIDER_KEYS);
  const name = fields.name?.string() ?? 'default';
  fields.type?.oneOf(['file'] as const);
  const pathNode = fields.options?.fields(OPTION_KEYS).path;
  const written = pathNode?.string();
  if (written === undefined || written === '') {
    (fields.options ?? node).error(`provider ${name} needs options.path, the folder of its dashboards`);
    return undefined;
  }
  const inContainer = written === CONTAINER_PATH || written.startsWith(`${CONTAINER_PATH}/`);
  const path = inContainer ? dashboardsFolder + written.slice(CONTAINER_PATH.length) : written;
  if (!existsSync(path)) pathNode?.error(`the folder ${path} does not exist`);
  const seconds = fields.updateIntervalSeconds?.number() ?? UPDATE_INTERVAL_S;
  const title = fields.folder?.string() ?? '';
  return {
    name,
    folder: title,
    folderUid: fields.folderUid?.string() ?? title.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    path,
    updateIntervalMs: Math.max(1, seconds) * 1000,
  };
}
