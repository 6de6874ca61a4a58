// What the readers of a configuration share: the issues found, and what the real Collector can do and this one cannot.
import type { ConfigIssues, ConfigNode, Place } from '@mario/service';

/** Something that the real Collector would run and this one does not. */
export interface Unsupported extends Place {
  readonly message: string;
}

/**
 * An error is what the real Collector refuses as well. What only this one refuses is a warning for `mario check`, and
 * stops the start when a pipeline needs it.
 */
export class ReadContext {
  readonly issues: ConfigIssues;
  private readonly found: Unsupported[] = [];
  private readonly missingMessages = new Set<string>();
  /** A whole section without which nothing runs is not there. */
  isLayer = false;
  private readonly unsetAt = new Map<string, Place>();

  constructor(issues: ConfigIssues) {
    this.issues = issues;
  }

  get unsupported(): readonly Unsupported[] {
    return this.found;
  }

  /** Where variables of the environment stand that are not set and have no default. */
  get unsetPlaces(): readonly Place[] {
    return [...this.unsetAt.values()];
  }

  /** An error about something that is missing, which another file may bring. */
  missing(node: ConfigNode, message: string): void {
    node.error(message);
    this.missingMessages.add(message);
  }

  isIncomplete(issue: { readonly message: string }): boolean {
    return this.missingMessages.has(issue.message);
  }

  /** Notes, once for each place, that a variable is not set; its value is empty then. */
  unset(place: Place, name: string): void {
    const key = `${place.file}:${place.key}:${name}`;
    if (this.unsetAt.has(key)) return;
    this.unsetAt.set(key, place);
    this.issues.warn(place, `environment variable ${name} is not set; its value is empty`);
  }

  /** Notes something that cannot be run here. */
  refuse(node: ConfigNode, message: string): void {
    node.warn(message);
    this.found.push({ ...node.place, message });
  }
}

/** A duration with a default; the real Collector refuses negative ones. */
export function durationMs(node: ConfigNode | undefined, defaultMs: number): number {
  const ms = node === undefined || node.isNull ? defaultMs : node.goDurationMs();
  if (ms === undefined) return defaultMs;
  if (ms < 0) node!.error('must not be negative');
  return ms;
}

/** A whole number from 0, with a default. */
export function count(node: ConfigNode | undefined, defaultCount: number): number {
  const number = node === undefined || node.isNull ? defaultCount : node.number();
  if (number === undefined) return defaultCount;
  if (!Number.isInteger(number) || number < 0) {
    node!.error('must be a whole number and not negative');
    return defaultCount;
  }
  return number;
}

export function flag(node: ConfigNode | undefined, defaultFlag: boolean): boolean {
  return node === undefined || node.isNull ? defaultFlag : (node.boolean() ?? defaultFlag);
}

export function text(node: ConfigNode | undefined, defaultText: string): string {
  return node === undefined || node.isNull ? defaultText : (node.string() ?? defaultText);
}

/** `host:port`, where the host may be missing; an issue when it is not of this form. */
export function endpoint(node: ConfigNode | undefined, defaultEndpoint: string): string {
  const value = text(node, defaultEndpoint);
  if (splitEndpoint(value) === undefined) node?.error(`must be host:port, is ${JSON.stringify(value)}`);
  return value;
}

/** Host and port of an endpoint; undefined when it is none. IPv6 hosts stand in brackets. */
export function splitEndpoint(value: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.%a-z]+)\]|([^:[\]/]*)):(\d{1,5})$/i.exec(value);
  if (match === null || Number(match[3]) > 65_535) return undefined;
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}
