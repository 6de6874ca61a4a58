// What several routes take in their query: a period in days, a limit, an instant.

export interface PeriodQuery {
  readonly days?: string;
}

/** The schema lets only digits through. */
export function periodOf({ days }: PeriodQuery): { readonly days?: number } {
  return days === undefined ? {} : { days: Number(days) };
}

/** The schema lets only digits through. */
export function limitOf({ limit }: { readonly limit?: string }, usual: number): number {
  return limit === undefined ? usual : Number(limit);
}

/** RFC 3339 with a time zone, in milliseconds since 1970; null for what is none. */
export function instantOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text)) return null;
  const atMs = Date.parse(text.replace(' ', 'T').toUpperCase());
  return Number.isNaN(atMs) || atMs < 0 ? null : atMs;
}
