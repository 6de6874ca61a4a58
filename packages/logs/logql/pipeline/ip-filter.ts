/** Finds IP addresses in a text and compares them with an address, a range `from-to` or a prefix `a/bits`. */
import { BlockList, isIP } from 'node:net';
import { quoteGo } from '../duration.ts';

/** Begins of addresses as Loki looks for them: a digit with a dot soon after, or hexadecimal digits and a colon. */
const candidate = /\d(?=.{0,2}\.)[\d.]*|(?:::[0-9a-fA-F]|[0-9a-fA-F]{1,4}:)[0-9a-fA-F:.]*/g;

export function compileIpFilter(pattern: string): (text: string) => boolean {
  const list = parse(pattern);
  if (list === undefined) throw new Error(`ip: invalid pattern: ${quoteGo(pattern)}`);
  return (text) => {
    for (const match of text.matchAll(candidate)) {
      const family = isIP(match[0]);
      if (family !== 0 && list.check(match[0], family === 4 ? 'ipv4' : 'ipv6')) return true;
    }
    return false;
  };
}

function parse(pattern: string): BlockList | undefined {
  const list = new BlockList();
  const kind = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');
  const [first = '', bits, ...more] = pattern.split('/');
  const [from = '', to, ...others] = pattern.split('-');
  if (isIP(pattern) !== 0) {
    list.addAddress(pattern, kind(pattern));
  } else if (isIP(first) !== 0 && bits !== undefined && more.length === 0 && /^\d{1,3}$/.test(bits)) {
    if (Number(bits) > (isIP(first) === 4 ? 32 : 128)) return undefined;
    list.addSubnet(first, Number(bits), kind(first));
  } else if (to !== undefined && others.length === 0 && isIP(from) !== 0 && isIP(from) === isIP(to)) {
    try {
      list.addRange(from, to, kind(from));
    } catch {
      return undefined;
    }
  } else {
    return undefined;
  }
  return list;
}
