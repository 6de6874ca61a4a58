/** The `tls_config` of a client as options of a TLS connection. */
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { TlsConfig } from '../../config/http-client-config.ts';

/** Files are read for every new connection, because certificates rotate. `hostname` is what the URL names. */
export async function tlsOptions(config: TlsConfig | undefined, hostname: string): Promise<ConnectionOptions> {
  const servername = config?.serverName ?? hostname;
  const names = /^[\d.]+$|:/.test(servername) ? {} : { servername };
  // Only HTTP/1.1 is spoken: a server that offers HTTP/2 too must not choose it.
  const base = { ...names, ALPNProtocols: ['http/1.1'] };
  if (config === undefined) return base;
  const load = async (text: string | undefined, file: string | undefined) =>
    text ?? (file === undefined ? undefined : await readFile(file));
  const [ca, cert, key] = await Promise.all([
    load(config.ca, config.caFile),
    load(config.cert, config.certFile),
    load(config.key, config.keyFile),
  ]);
  return {
    ...base,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(config.minVersion === undefined ? {} : { minVersion: config.minVersion }),
    ...(config.maxVersion === undefined ? {} : { maxVersion: config.maxVersion }),
    rejectUnauthorized: !config.insecureSkipVerify,
  };
}
