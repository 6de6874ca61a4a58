/** Reads `provisioning/datasources/*.yaml`, Grafana's own format. */
import { type ConfigIssues, type ConfigNode, readYamlFile } from '@mario/service';
import type { Datasource } from './datasource.ts';
import { type Environment, expandEnvironment } from './environment.ts';
import { yamlFiles } from './yaml-files.ts';

const FILE_KEYS = { apiVersion: 'used', prune: 'unused', deleteDatasources: 'unused', datasources: 'used' } as const;

const DATASOURCE_KEYS = {
  name: 'used',
  type: 'used',
  access: 'used',
  orgId: 'used',
  uid: 'used',
  url: 'used',
  user: 'unused',
  database: 'unused',
  basicAuth: 'used',
  basicAuthUser: 'used',
  withCredentials: 'used',
  isDefault: 'used',
  correlations: 'unused',
  jsonData: 'used',
  secureJsonData: 'used',
  version: 'used',
  editable: 'used',
  apiVersion: 'unused',
} as const;

/** More than anybody provisions; every one costs an entry in every answer about data sources. */
const DATASOURCES_MAX = 1_000;

export function readDatasources(folder: string, environment: Environment, issues: ConfigIssues): readonly Datasource[] {
  const datasources: Datasource[] = [];
  for (const file of yamlFiles(folder)) {
    const root = readYamlFile(file, { issues, expand: (text) => expandEnvironment(text, environment) });
    for (const node of root?.fields(FILE_KEYS).datasources?.list() ?? []) {
      const datasource = readDatasource(node, datasources.length + 1);
      if (datasource === undefined) continue;
      const clash = datasources.find(({ uid, name }) => uid === datasource.uid || name === datasource.name);
      if (clash !== undefined) node.error(`has the uid or the name of data source ${clash.name} (uid ${clash.uid})`);
      else if (datasources.length === DATASOURCES_MAX) node.error(`is one more than ${DATASOURCES_MAX} data sources`);
      else if (datasource.isDefault && datasources.some(({ isDefault }) => isDefault)) {
        node.error('is marked default, and so is another data source; only one can be');
      } else datasources.push(datasource);
    }
  }
  return datasources;
}

function readDatasource(node: ConfigNode, id: number): Datasource | undefined {
  const fields = node.fields(DATASOURCE_KEYS);
  const name = fields.name?.string();
  const type = fields.type?.string();
  if (name === undefined || name === '') node.error('needs a name');
  if (type === undefined || type === '') node.error('needs a type (prometheus, loki, tempo)');
  const url = fields.url?.string() ?? '';
  if (url !== '' && !isHttpUrl(url)) fields.url?.error(`"${url}" is no http address; write http://host:port`);
  if (name === undefined || type === undefined) return undefined;
  return {
    id,
    uid: fields.uid?.string() ?? name.toLowerCase().replace(/[^a-z0-9_-]+/g, '-'),
    name,
    type,
    access: fields.access?.string() ?? 'proxy',
    url,
    isDefault: fields.isDefault?.boolean() ?? false,
    basicAuth: fields.basicAuth?.boolean() ?? false,
    basicAuthUser: fields.basicAuthUser?.string() ?? '',
    withCredentials: fields.withCredentials?.boolean() ?? false,
    readOnly: !(fields.editable?.boolean() ?? false),
    jsonData: (fields.jsonData?.raw() ?? {}) as Readonly<Record<string, unknown>>,
    secureJsonData: fields.secureJsonData?.stringMap() ?? {},
  };
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
}
