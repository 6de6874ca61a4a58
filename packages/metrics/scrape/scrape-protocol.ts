/** What a target is asked for, and what its answer is taken as. */
import type { ScrapeConfig, ScrapeProtocol } from '../config/scrape-config.ts';
import type { ExpositionFormat } from '../exposition/scraped-samples.ts';

const MEDIA_TYPES: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
};

/** Only these versions know how names are escaped. */
const ESCAPING: ReadonlySet<ScrapeProtocol> = new Set(['OpenMetricsText1.0.0', 'PrometheusText1.0.0']);

/**
 * The Accept header for protocols in order of preference. The real server counts the weights down from one more than the
 * protocols that it knows, and takes anything last.
 */
export function acceptHeader(protocols: readonly ScrapeProtocol[], escaping: string): string {
  let weight = Object.keys(MEDIA_TYPES).length + 1;
  const parts = protocols.map((protocol) => {
    const names = ESCAPING.has(protocol) ? `;escaping=${escaping}` : '';
    return `${MEDIA_TYPES[protocol]}${names};q=0.${weight--}`;
  });
  return [...parts, `*/*;q=0.${weight}`].join(',');
}

/** The format of an answer, as the real server decides it since 3.0: no guessing without a fallback protocol. */
export function formatOf(contentType: string, config: ScrapeConfig): ExpositionFormat {
  const [type, ...params] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type === 'application/openmetrics-text') return 'openmetrics';
  if (type === 'text/plain') return 'text';
  if (type === 'application/vnd.google.protobuf' && isDelimited(params)) return 'protobuf';
  const fallback = config.fallbackScrapeProtocol;
  if (fallback !== undefined) return FALLBACK[fallback];
  const what = type === '' ? 'blank Content-Type' : `unsupported Content-Type ${JSON.stringify(contentType)}`;
  throw new Error(`received ${what} and no fallback_scrape_protocol specified for target`);
}

const FALLBACK: Readonly<Record<ScrapeProtocol, ExpositionFormat>> = {
  PrometheusProto: 'protobuf',
  'OpenMetricsText0.0.1': 'openmetrics',
  'OpenMetricsText1.0.0': 'openmetrics',
  'PrometheusText0.0.4': 'text',
  'PrometheusText1.0.0': 'text',
};

function isDelimited(params: readonly string[]): boolean {
  const value = (name: string) => params.find((param) => param.startsWith(`${name}=`))?.slice(name.length + 1);
  return (
    (value('proto') ?? 'io.prometheus.client.metricfamily') === 'io.prometheus.client.metricfamily' &&
    (value('encoding') ?? 'delimited') === 'delimited'
  );
}
