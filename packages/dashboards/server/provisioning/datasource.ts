/** A data source as provisioned: where a query language is spoken, and how the page links from one signal to another. */

export interface Datasource {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  /** Grafana's plugin id: `prometheus`, `loki`, `tempo`. */
  readonly type: string;
  readonly access: string;
  /** As in the file; the network map says where that is. */
  readonly url: string;
  readonly isDefault: boolean;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly withCredentials: boolean;
  readonly readOnly: boolean;
  readonly jsonData: Readonly<Record<string, unknown>>;
  /** Never leaves the server. */
  readonly secureJsonData: Readonly<Record<string, string>>;
}

/** The shape of Grafana's HTTP API; secrets appear only as the names of the fields that are set. */
export function presentDatasource(datasource: Datasource) {
  const { secureJsonData, ...rest } = datasource;
  return {
    ...rest,
    orgId: 1,
    typeName: datasource.type.charAt(0).toUpperCase() + datasource.type.slice(1),
    typeLogoUrl: '',
    user: '',
    database: '',
    version: 1,
    secureJsonFields: Object.fromEntries(Object.keys(secureJsonData).map((name) => [name, true])),
  };
}
