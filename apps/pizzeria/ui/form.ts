// What a browser's form sends: texts by name.

/** The trimmed text of a field; empty for one that is missing. */
export type Form = (name: string) => string;

export function readForm(body: unknown): Form {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  return (name) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return typeof value === 'string' ? value.trim() : '';
  };
}

/** `12.50` as 1250 cents; NaN for what is no amount, which the house then refuses. */
export function centsOf(text: string): number {
  return /^\d{1,6}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : Number.NaN;
}

/** A whole number, or undefined for anything else. */
export function wholeNumberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
