// `tls` of a client: certificate authority, and whether the server's certificate is checked.
import { readFileSync } from 'node:fs';
import type { ConfigNode } from '@mario/service';
import { flag, type ReadContext } from '../../config/read-context.ts';

export interface ClientTls {
  /** No TLS at all. */
  readonly insecure: boolean;
  readonly rejectUnauthorized: boolean;
  readonly ca: Buffer | undefined;
}

export function readClientTls(node: ConfigNode | undefined, context: ReadContext): ClientTls {
  const fields = node?.fields({
    insecure: 'used',
    insecure_skip_verify: 'used',
    server_name_override: 'used',
    ca_file: 'used',
    ca_pem: 'used',
    cert_file: 'used',
    cert_pem: 'used',
    key_file: 'used',
    key_pem: 'used',
    min_version: 'unused',
    max_version: 'unused',
    cipher_suites: 'unused',
    reload_interval: 'unused',
    curve_preferences: 'unused',
    include_system_ca_certs_pool: 'unused',
    tpm: 'unused',
  });
  for (const key of ['server_name_override', 'cert_file', 'cert_pem', 'key_file', 'key_pem'] as const) {
    const found = fields?.[key];
    if (found !== undefined && !found.isNull && found.raw() !== '') {
      context.refuse(found, `tls.${key} is not supported by the embedded collector`);
    }
  }
  return {
    insecure: flag(fields?.insecure, false),
    rejectUnauthorized: !flag(fields?.insecure_skip_verify, false),
    ca: readCa(fields?.ca_file, fields?.ca_pem),
  };
}

function readCa(file: ConfigNode | undefined, pem: ConfigNode | undefined): Buffer | undefined {
  const path = file?.string();
  if (path === undefined || path === '') return pem?.string() === undefined ? undefined : Buffer.from(pem.string()!);
  try {
    return readFileSync(path);
  } catch (error) {
    file!.error(`failed to load CA: ${(error as Error).message}`);
    return undefined;
  }
}
