/** How to reach a target over HTTP: the keys that scrape, discovery, alerting and remote write configs share. */
import type { ConfigNode } from '@mario/service';
import { PROXY_KEYS, type ProxyConfig, readProxy } from './proxy-config.ts';

/** Keys of the real server's HTTPClientConfig, to be spread into the key table of whatever embeds it. */
export const HTTP_CLIENT_KEYS = {
  basic_auth: 'used',
  authorization: 'used',
  bearer_token: 'used',
  bearer_token_file: 'used',
  oauth2: 'used',
  tls_config: 'used',
  follow_redirects: 'used',
  enable_http2: 'used',
  ...PROXY_KEYS,
  http_headers: 'used',
} as const;

export interface TlsConfig {
  readonly caFile: string | undefined;
  readonly ca: string | undefined;
  readonly certFile: string | undefined;
  readonly cert: string | undefined;
  readonly keyFile: string | undefined;
  readonly key: string | undefined;
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
  readonly maxVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
}

/** A secret given in the file or in a file of its own, which is read again for every request (it may rotate). */
export interface Secret {
  readonly value: string | undefined;
  readonly file: string | undefined;
}

export interface HttpHeader {
  readonly name: string;
  readonly values: readonly string[];
  readonly files: readonly string[];
}

/** The client credentials grant: how a token is asked for. */
export interface OAuth2Config {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly tokenUrl: string;
  readonly scopes: readonly string[];
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly tls: TlsConfig | undefined;
  readonly proxy?: ProxyConfig | undefined;
}

export interface HttpClientConfig {
  readonly basicAuth: { readonly username: Secret; readonly password: Secret } | undefined;
  readonly authorization: { readonly type: string; readonly credentials: Secret } | undefined;
  readonly oauth2: OAuth2Config | undefined;
  readonly tls: TlsConfig | undefined;
  readonly followRedirects: boolean;
  readonly headers: readonly HttpHeader[];
  readonly proxy?: ProxyConfig | undefined;
}

type ClientFields = Partial<Record<keyof typeof HTTP_CLIENT_KEYS, ConfigNode>>;

/** Headers that the server sets itself (config.ReservedHeaders). */
const RESERVED_HEADERS = new Set([
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-prometheus-scrape-timeout-seconds',
  'accept',
]);

type Unsupported = (node: ConfigNode, message: string) => void;

/**
 * `resolve` turns paths of the file into paths from the working directory; `unsupported` is told what works elsewhere and
 * not here. `enable_http2` changes nothing: HTTP/1.1 is spoken, which every server of HTTP/2 speaks too.
 */
export function readHttpClient(
  fields: ClientFields,
  resolve: (path: string) => string,
  unsupported?: Unsupported,
): HttpClientConfig {
  const { basic_auth, authorization, bearer_token, bearer_token_file } = fields;
  const ways = [basic_auth, authorization, fields.oauth2, bearer_token ?? bearer_token_file].filter(
    (each) => each !== undefined,
  );
  if (ways.length > 1)
    ways[1]!.error('at most one of basic_auth, oauth2, authorization & bearer_token must be configured');
  if (bearer_token !== undefined && bearer_token_file !== undefined) {
    bearer_token_file.error('at most one of bearer_token & bearer_token_file must be configured');
  }
  return {
    basicAuth: basic_auth === undefined ? undefined : readBasicAuth(basic_auth, resolve),
    authorization: readAuthorization(fields, resolve),
    oauth2: fields.oauth2 === undefined ? undefined : readOAuth2(fields.oauth2, resolve, unsupported),
    tls: fields.tls_config === undefined ? undefined : readTls(fields.tls_config, resolve),
    followRedirects: fields.follow_redirects?.boolean() ?? true,
    headers: readHeaders(fields.http_headers, resolve),
    proxy: readProxy(fields, unsupported),
  };
}

function readOAuth2(
  node: ConfigNode,
  resolve: (path: string) => string,
  unsupported: Unsupported | undefined,
): OAuth2Config {
  const fields = node.fields({
    client_id: 'used',
    client_secret: 'used',
    client_secret_file: 'used',
    client_secret_ref: 'unused',
    client_certificate_key_id: 'unused',
    client_certificate_key: 'unused',
    client_certificate_key_file: 'unused',
    client_certificate_key_ref: 'unused',
    grant_type: 'used',
    signature_algorithm: 'unused',
    iss: 'unused',
    audience: 'unused',
    claims: 'unused',
    scopes: 'used',
    token_url: 'used',
    endpoint_params: 'used',
    tls_config: 'used',
    ...PROXY_KEYS,
  });
  const grant = fields.grant_type?.string() ?? 'client_credentials';
  if (grant !== 'client_credentials')
    unsupported?.(
      fields.grant_type ?? node,
      `grant_type ${grant} is not supported by the embedded engine: use client_credentials`,
    );
  if ((fields.client_id?.string() ?? '') === '') node.error('oauth2 client_id must be configured');
  if ((fields.token_url?.string() ?? '') === '') node.error('oauth2 token_url must be configured');
  if (fields.client_secret !== undefined && fields.client_secret_file !== undefined)
    node.error(
      'at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials',
    );
  return {
    clientId: fields.client_id?.string() ?? '',
    clientSecret: secret(fields.client_secret, fields.client_secret_file, resolve),
    tokenUrl: fields.token_url?.string() ?? '',
    scopes: fields.scopes?.strings() ?? [],
    endpointParams: fields.endpoint_params?.stringMap() ?? {},
    tls: fields.tls_config === undefined ? undefined : readTls(fields.tls_config, resolve),
    proxy: readProxy(fields, unsupported),
  };
}

function readBasicAuth(node: ConfigNode, resolve: (path: string) => string) {
  const fields = node.fields({ username: 'used', username_file: 'used', password: 'used', password_file: 'used' });
  if (fields.username !== undefined && fields.username_file !== undefined) {
    node.error('at most one of basic_auth username & username_file must be configured');
  }
  if (fields.password !== undefined && fields.password_file !== undefined) {
    node.error('at most one of basic_auth password & password_file must be configured');
  }
  return {
    username: secret(fields.username, fields.username_file, resolve),
    password: secret(fields.password, fields.password_file, resolve),
  };
}

function readAuthorization(fields: ClientFields, resolve: (path: string) => string): HttpClientConfig['authorization'] {
  const { authorization, bearer_token, bearer_token_file } = fields;
  if (bearer_token !== undefined || bearer_token_file !== undefined) {
    return { type: 'Bearer', credentials: secret(bearer_token, bearer_token_file, resolve) };
  }
  if (authorization === undefined) return undefined;
  const inner = authorization.fields({ type: 'used', credentials: 'used', credentials_file: 'used' });
  const type = inner.type?.string()?.trim() || 'Bearer';
  if (type.toLowerCase() === 'basic')
    authorization.error('authorization type cannot be set to "basic", use "basic_auth" instead');
  if (inner.credentials !== undefined && inner.credentials_file !== undefined) {
    authorization.error('at most one of authorization credentials & credentials_file must be configured');
  }
  return { type, credentials: secret(inner.credentials, inner.credentials_file, resolve) };
}

function secret(
  value: ConfigNode | undefined,
  file: ConfigNode | undefined,
  resolve: (path: string) => string,
): Secret {
  const path = file?.string();
  return { value: value?.string(), file: path === undefined ? undefined : resolve(path) };
}

const TLS_VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

export function readTls(node: ConfigNode, resolve: (path: string) => string): TlsConfig {
  const fields = node.fields({
    ca: 'used',
    ca_file: 'used',
    cert: 'used',
    cert_file: 'used',
    key: 'used',
    key_file: 'used',
    ca_ref: 'unused',
    cert_ref: 'unused',
    key_ref: 'unused',
    server_name: 'used',
    insecure_skip_verify: 'used',
    min_version: 'used',
    max_version: 'used',
  });
  const path = (file: ConfigNode | undefined) => {
    const text = file?.string();
    return text === undefined || text === '' ? undefined : resolve(text);
  };
  const hasCert = fields.cert !== undefined || fields.cert_file !== undefined;
  const hasKey = fields.key !== undefined || fields.key_file !== undefined;
  if (hasCert !== hasKey) {
    node.error(
      hasCert
        ? 'exactly one of key or key_file must be configured when a client certificate is configured'
        : 'exactly one of cert or cert_file must be configured when a client key is configured',
    );
  }
  const version = (field: ConfigNode | undefined) => {
    const word = field?.oneOf(Object.keys(TLS_VERSIONS));
    return word === undefined ? undefined : TLS_VERSIONS[word as keyof typeof TLS_VERSIONS];
  };
  return {
    ca: fields.ca?.string(),
    caFile: path(fields.ca_file),
    cert: fields.cert?.string(),
    certFile: path(fields.cert_file),
    key: fields.key?.string(),
    keyFile: path(fields.key_file),
    serverName: fields.server_name?.string(),
    insecureSkipVerify: fields.insecure_skip_verify?.boolean() ?? false,
    minVersion: version(fields.min_version),
    maxVersion: version(fields.max_version),
  };
}

function readHeaders(node: ConfigNode | undefined, resolve: (path: string) => string): readonly HttpHeader[] {
  return (node?.entries() ?? []).map(([name, header]) => {
    if (RESERVED_HEADERS.has(name.toLowerCase())) header.error(`setting header "${name}" is not allowed`);
    const fields = header.fields({ values: 'used', secrets: 'used', files: 'used' });
    return {
      name,
      values: [...(fields.values?.strings() ?? []), ...(fields.secrets?.strings() ?? [])],
      files: (fields.files?.strings() ?? []).map(resolve),
    };
  });
}
