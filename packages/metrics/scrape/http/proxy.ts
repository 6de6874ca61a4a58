/** Which proxy a request goes through, by the rules of Go's golang.org/x/net/http/httpproxy, and the way through it. */
import net from 'node:net';
import type { ProxyConfig } from '../../config/proxy-config.ts';
import { basic } from './client-headers.ts';
import type { Deadline } from './deadline.ts';

export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** The value of Proxy-Authorization, where the URL has a user. */
  readonly authorization: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** An answer to CONNECT has a few headers. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** Undefined: directly. Throws for proxies that are not spoken to. */
export function proxyFor(
  config: ProxyConfig,
  target: URL,
  environment: Environment = process.env,
): HttpProxy | undefined {
  if (config.url !== undefined) {
    // Without exceptions all goes through it, loopback too.
    return config.noProxy === '' || usesProxy(target, config.noProxy) ? readProxyUrl(config.url) : undefined;
  }
  const variable = (name: string) => environment[name] || environment[name.toLowerCase()] || '';
  const url = variable(target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  return url !== '' && usesProxy(target, variable('NO_PROXY')) ? readProxyUrl(url) : undefined;
}

function readProxyUrl(text: string): HttpProxy {
  const url = new URL(text.includes('://') ? text : `http://${text}`);
  if (url.protocol !== 'http:') throw new Error(`a proxy by ${url.protocol.slice(0, -1)} is not supported: use http`);
  const { username, password } = url;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || 80,
    authorization: username === '' ? undefined : basic(decodeURIComponent(username), decodeURIComponent(password)),
  };
}

function usesProxy(target: URL, noProxy: string): boolean {
  const host = target.hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'))) return false;
  return !noProxy.split(',').some((entry) => excludes(entry.trim().toLowerCase(), host, port));
}

/** `*`, a name (with those below it), `.name` (only those below it), an address, a network; any with a port. */
function excludes(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(host, entry);
  const [, name = entry, wantedPort] = /^(.+?):(\d+)$/.exec(entry.replace(/^\[(.*)\]/, '$1')) ?? [];
  const bare = net.isIPv6(entry) ? entry : name;
  if (wantedPort !== undefined && !net.isIPv6(entry) && wantedPort !== port) return false;
  if (net.isIP(host) !== 0) return host === bare;
  const suffix = bare.replace(/^\*/, '');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function inNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const family = net.isIPv4(address) ? 'ipv4' : net.isIPv6(address) ? 'ipv6' : undefined;
  if (family === undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 'ipv4' ? 32 : 128)) return false;
  if (net.isIP(host) !== (family === 'ipv4' ? 4 : 6)) return false;
  const list = new net.BlockList();
  list.addSubnet(address, Number(bits), family);
  return list.check(host, family);
}

/** A connection through the proxy to `authority` (host:port), on which nothing was said yet. */
export function openTunnel(
  proxy: HttpProxy,
  authority: string,
  headers: ProxyConfig['connectHeaders'],
  deadline: Deadline,
): Promise<net.Socket> {
  const lines = [`CONNECT ${authority} HTTP/1.1`, `host: ${authority}`, 'user-agent: Go-http-client/1.1'];
  if (proxy.authorization !== undefined) lines.push(`proxy-authorization: ${proxy.authorization}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (lines.some((line) => /[\r\n]/.test(line))) throw new Error('net/http: invalid header field value');
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: proxy.host, port: proxy.port, noDelay: true });
    let answer = Buffer.alloc(0);
    const settle = (error?: Error) => {
      deadline.onEnd = undefined;
      socket.removeAllListeners();
      if (error === undefined) resolve(socket);
      else {
        socket.on('error', () => {});
        socket.destroy();
        reject(error);
      }
    };
    deadline.onEnd = () => settle(new Error('aborted'));
    socket.on('error', settle);
    socket.on('end', () => settle(new Error('unexpected EOF')));
    socket.on('connect', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.on('data', (bytes: Buffer) => {
      answer = Buffer.concat([answer, bytes]);
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0 && answer.length <= ANSWER_BYTES_MAX) return;
      socket.pause();
      const [, status, text = ''] = /^HTTP\/1\.[01] (\d{3}) ?([^\r\n]*)/.exec(answer.toString('latin1')) ?? [];
      if (status === undefined || end < 0) settle(new Error('malformed HTTP response from the proxy'));
      else if (status !== '200') settle(new Error(text || status));
      // Who is reached speaks second, in TLS.
      else if (answer.length > end + 4) settle(new Error('the proxy sent more than its answer'));
      else settle();
    });
  });
}
