/** Finds which process listens on a port, so that a start error can name it (proc(5), `/proc/net/tcp`). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** TCP_LISTEN in the kernel's table of socket states. */
const STATE_LISTEN = '0A';

/** The holder of a listening TCP port; undefined where the system does not tell (other systems, other users). */
export function findPortHolder(port: number): PortHolder | undefined {
  try {
    const inodes = listeningInodes(port);
    return inodes.size === 0 ? undefined : processWithSocket(inodes);
  } catch {
    return undefined;
  }
}

function listeningInodes(port: number): Set<string> {
  const suffix = ':' + port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'latin1').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix) && fields[3] === STATE_LISTEN) inodes.add(fields[9]!);
    }
  }
  return inodes;
}

function processWithSocket(inodes: ReadonlySet<string>): PortHolder | undefined {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    if (openSockets(pid).some((inode) => inodes.has(inode))) {
      return { pid: Number(pid), command: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() };
    }
  }
  return undefined;
}

function openSockets(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const target = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${fd}`));
      return target === null ? [] : [target[1]!];
    });
  } catch {
    return []; // another user's process, or one that has just ended
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
