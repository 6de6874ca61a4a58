/** An alert as receivers know it: labels that identify it, and from when to when it holds (types.Alert of Alertmanager). */
import type { Labels } from '../model/labels.ts';

export interface NotifyAlert {
  readonly fingerprint: string;
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAtMs: number;
  /** When it ended, or when it is taken to have ended if nobody says anything until then. */
  readonly endsAtMs: number;
  readonly generatorURL: string;
  readonly updatedAtMs: number;
  /** `endsAtMs` is only the time until which it was to be repeated. */
  readonly timesOut: boolean;
}

export function isResolved(alert: NotifyAlert, nowMs: number): boolean {
  return alert.endsAtMs <= nowMs;
}

/** Two reports of the same alert as one (types.Alert.Merge): the earliest start, the latest word on its end. */
export function mergeAlerts(a: NotifyAlert, b: NotifyAlert, nowMs: number): NotifyAlert {
  const [older, younger] = b.updatedAtMs < a.updatedAtMs ? [b, a] : [a, b];
  const startsAtMs = Math.min(older.startsAtMs, younger.startsAtMs);
  let { endsAtMs } = younger;
  if (isResolved(younger, nowMs)) {
    if (isResolved(older, nowMs) && older.endsAtMs > endsAtMs) endsAtMs = older.endsAtMs;
  } else if (older.endsAtMs > endsAtMs && !older.timesOut) endsAtMs = older.endsAtMs;
  return { ...younger, startsAtMs, endsAtMs };
}

export function overlaps(a: NotifyAlert, b: NotifyAlert): boolean {
  return (
    (b.endsAtMs > a.startsAtMs && b.endsAtMs < a.endsAtMs) || (b.startsAtMs > a.startsAtMs && b.startsAtMs < a.endsAtMs)
  );
}

const FNV_OFFSET = 14695981039346656037n;
const FNV_PRIME = 1099511628211n;

/** 64-bit FNV-1a over names and values with 0xff behind each, as model.LabelSet.Fingerprint prints it. */
export function fingerprintOf(labels: Labels): string {
  let hash = FNV_OFFSET;
  const add = (byte: number) => void (hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & 0xffff_ffff_ffff_ffffn);
  for (const text of labels.pairs) {
    for (const byte of Buffer.from(text)) add(byte);
    add(0xff);
  }
  return hash.toString(16).padStart(16, '0');
}

/** The order of alerts in a message: by job, by instance, then fewer labels first, then label by label. */
export function compareAlerts({ labels: a }: NotifyAlert, { labels: b }: NotifyAlert): number {
  for (const name of ['job', 'instance']) {
    if (!a.has(name) && !b.has(name)) continue;
    if (!a.has(name)) return 1;
    if (!b.has(name)) return -1;
    if (a.get(name) !== b.get(name)) return a.get(name) < b.get(name) ? -1 : 1;
  }
  return compareLabelSets(a, b);
}

/** model.LabelSet.Before */
export function compareLabelSets(a: Labels, b: Labels): number {
  if (a.size !== b.size) return a.size - b.size;
  const names = [...new Set([...a.names(), ...b.names()])].sort();
  for (const name of names) {
    if (!a.has(name)) return -1;
    if (!b.has(name)) return 1;
    if (a.get(name) !== b.get(name)) return a.get(name) < b.get(name) ? -1 : 1;
  }
  return 0;
}

/** Those labels that are equal in all of them. */
export function commonPairs(sets: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first, ...others] = sets;
  return Object.fromEntries(
    Object.entries(first ?? {})
      .filter(([name, value]) => others.every((set) => set[name] === value))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export function createAlert(alert: Omit<NotifyAlert, 'fingerprint' | 'labels'> & { labels: Labels }): NotifyAlert {
  return { fingerprint: fingerprintOf(alert.labels), ...alert };
}
