/** Which exposition format a scraper is given (RFC 9110 content negotiation over the two formats spoken here). */

export type ExpositionFormat = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Range lists are written by scrapers, and are short; more entries than this are not looked at. */
const RANGES_MAX = 32;

/** The offered format of the highest quality; plain text when nothing fits, as Prometheus' own clients answer. */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  let best: ExpositionFormat = 'text';
  let bestQuality = 0;
  for (const range of (accept ?? '').split(',').slice(0, RANGES_MAX)) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const values = new Map(parameters.map((parameter) => splitParameter(parameter)));
    const quality = Number(values.get('q') ?? 1);
    const format = formatOf(type, values.get('version'));
    // Of equal quality the first wins: scrapers name what they like best first.
    if (format !== undefined && quality > bestQuality) {
      best = format;
      bestQuality = quality;
    }
  }
  return best;
}

function formatOf(type: string, version: string | undefined): ExpositionFormat | undefined {
  if (type === 'application/openmetrics-text') {
    return version === undefined || version === '1.0.0' || version === '0.0.1' ? 'openmetrics' : undefined;
  }
  if (type === 'text/plain') return version === undefined || version === '0.0.4' ? 'text' : undefined;
  return type === '*/*' || type === 'text/*' ? 'text' : undefined;
}

function splitParameter(parameter: string): [string, string] {
  const at = parameter.indexOf('=');
  return at < 0 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1).replaceAll('"', '')];
}
