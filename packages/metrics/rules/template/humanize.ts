/** `humanize` and its kin: numbers for people, with the real server's rounding. */
import { printFormat, printValue } from '@mario/gotemplate';

const four = (value: number): string => printFormat('%.4g', [value]);

export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return four(value);
  let rest = value;
  let prefix = '';
  if (Math.abs(value) >= 1) {
    for (const next of ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']) {
      if (Math.abs(rest) < 1000) break;
      prefix = next;
      rest /= 1000;
    }
  } else {
    for (const next of ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']) {
      if (Math.abs(rest) >= 1) break;
      prefix = next;
      rest *= 1000;
    }
  }
  return four(rest) + prefix;
}

export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return four(value);
  let rest = value;
  let prefix = '';
  for (const next of ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi']) {
    if (Math.abs(rest) < 1024) break;
    prefix = next;
    rest /= 1024;
  }
  return four(rest) + prefix;
}

export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return four(value);
  if (value === 0) return '0s';
  if (Math.abs(value) < 1) {
    let rest = value;
    let prefix = '';
    for (const next of ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']) {
      if (Math.abs(rest) >= 1) break;
      prefix = next;
      rest *= 1000;
    }
    return `${four(rest)}${prefix}s`;
  }
  const sign = value < 0 ? '-' : '';
  const total = Math.trunc(Math.abs(value));
  const [seconds, minutes, hours, days] = [
    total % 60,
    Math.trunc(total / 60) % 60,
    Math.trunc(total / 3600) % 24,
    Math.trunc(total / 86_400),
  ];
  if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
  if (hours !== 0) return `${sign}${hours}h ${minutes}m ${seconds}s`;
  if (minutes !== 0) return `${sign}${minutes}m ${seconds}s`;
  return `${sign}${four(Math.abs(value))}s`;
}

export function humanizePercentage(value: number): string {
  return `${four(value * 100)}%`;
}

export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return four(seconds);
  return printValue({ ns: BigInt(Math.round(seconds * 1000)) * 1_000_000n, zone: 'UTC' });
}
