/** What a client config adds to a request: authorization and extra headers. */
import { readFile } from 'node:fs/promises';
import type { HttpClientConfig, Secret } from '../../config/http-client-config.ts';

/** Name and value of each header; secrets in files are read each time, because they rotate. */
export async function clientHeaders(client: HttpClientConfig): Promise<[name: string, value: string][]> {
  const headers: [string, string][] = [];
  for (const { name, values, files } of client.headers) {
    for (const value of values) headers.push([name, value]);
    for (const file of files) headers.push([name, (await readFile(file, 'utf8')).trim()]);
  }
  if (client.basicAuth !== undefined) {
    const { username, password } = client.basicAuth;
    headers.push(['authorization', basic(await reveal(username), await reveal(password))]);
  } else if (client.authorization !== undefined) {
    const { type, credentials } = client.authorization;
    headers.push(['authorization', `${type} ${await reveal(credentials)}`]);
  }
  return headers;
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

export async function reveal(secret: Secret): Promise<string> {
  return secret.file === undefined ? (secret.value ?? '') : (await readFile(secret.file, 'utf8')).trim();
}
