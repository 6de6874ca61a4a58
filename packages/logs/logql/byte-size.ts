/** Sizes as `20MB` or `1.5KiB`, read as the library does that Loki uses (go-humanize): decimal and binary units, any case. */
import { parseGoFloat } from './go-number.ts';

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  ki: 1024,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1e9,
  gb: 1e9,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
  t: 1e12,
  tb: 1e12,
  ti: 1024 ** 4,
  tib: 1024 ** 4,
  p: 1e15,
  pb: 1e15,
  pi: 1024 ** 5,
  pib: 1024 ** 5,
  e: 1e18,
  eb: 1e18,
  ei: 1024 ** 6,
  eib: 1024 ** 6,
};

export type ByteSizeResult = { readonly bytes: number } | { readonly error: string };

export function parseByteSize(text: string): ByteSizeResult {
  const digits = /^[\d.,]*/.exec(text)![0];
  const number = parseGoFloat(digits.replaceAll(',', ''));
  if ('error' in number) return { error: number.error };
  const unit = text.slice(digits.length).trim().toLowerCase();
  const factor = units[unit];
  if (factor === undefined) return { error: `unhandled size name: ${unit}` };
  const bytes = Math.trunc(number.value * factor);
  return bytes >= 2 ** 64 ? { error: `too large: ${text}` } : { bytes };
}

const printed: readonly (readonly [string, number])[] = [
  ['PB', 1e15],
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['KB', 1e3],
];

/** Exact: the largest decimal unit that divides, so that it reads back as the same number. */
export function printByteSize(bytes: number): string {
  for (const [unit, factor] of printed) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return `${bytes}B`;
}
