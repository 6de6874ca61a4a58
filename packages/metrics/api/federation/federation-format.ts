/** What a federating client may be answered with, by its Accept header; OpenMetrics is not offered, as by the real server. */
import { ESCAPING_SCHEMES, type EscapingScheme } from '../../model/name-escaping.ts';

export interface FederationFormat {
  readonly encoding: 'text' | 'protobuf';
  readonly escaping: EscapingScheme;
  readonly contentType: string;
}

interface AcceptedType {
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
  readonly weight: number;
}

/** A header of more types than this is no negotiation. */
const TYPES_MAX = 64;

const PROTOBUF = 'application/vnd.google.protobuf';
const FAMILY = 'io.prometheus.client.MetricFamily';

/** The first that there is, the most wanted first; a scheme told with a type that is passed over counts too. */
export function negotiateFederation(accept: string | undefined): FederationFormat {
  // Who says nothing is from before there were other names.
  let escaping: EscapingScheme = 'underscores';
  for (const { type, params } of acceptedTypes(accept ?? '')) {
    const told = ESCAPING_SCHEMES.find((scheme) => scheme === params.get('escaping'));
    if (told !== undefined) escaping = told;
    if (type === PROTOBUF && params.get('proto') === FAMILY && params.get('encoding') === 'delimited') {
      const contentType = `${PROTOBUF}; proto=${FAMILY}; encoding=delimited; escaping=${escaping}`;
      return { encoding: 'protobuf', escaping, contentType };
    }
    if (type === 'text/plain' && (params.get('version') ?? '0.0.4') === '0.0.4') break;
  }
  return {
    encoding: 'text',
    escaping,
    contentType: `text/plain; version=0.0.4; charset=utf-8; escaping=${escaping}`,
  };
}

function acceptedTypes(accept: string): AcceptedType[] {
  const types = accept
    .split(',')
    .slice(0, TYPES_MAX)
    .map((part) => {
      const [type, ...rest] = part.split(';').map((each) => each.trim());
      const params = new Map(rest.map((param) => splitParam(param)));
      const weight = Number(params.get('q') ?? 1);
      return { type: type!, params, weight: Number.isNaN(weight) ? 1 : weight };
    });
  return types.sort((a, b) => b.weight - a.weight);
}

function splitParam(param: string): readonly [string, string] {
  const at = param.indexOf('=');
  return at < 0 ? [param, ''] : [param.slice(0, at), param.slice(at + 1)];
}
