/** What the paths below `/api/v1` are for and what they take: the part of their description that no route tells. */

export type ParameterKind = 'text' | 'time' | 'duration' | 'number' | 'flag' | 'texts';

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly about: string;
  readonly required?: true;
}

/** What stands in `data`; `none`: no envelope, because another protocol is spoken or there is nothing to say. */
export type DataKind = 'query' | 'texts' | 'text' | 'object' | 'objects' | 'none';

export interface Endpoint {
  readonly tag: string;
  readonly about: string;
  readonly parameters: readonly Parameter[];
  readonly data: DataKind;
  /** Media types of the body, where it is no form. */
  readonly body?: readonly string[];
  /** Described from OpenAPI 3.2 on only, which knows streams of events. */
  readonly events?: true;
}

export const TAGS: Readonly<Record<string, string>> = {
  query: 'Evaluation of PromQL expressions.',
  labels: 'Names and values of labels.',
  series: 'Series that match selectors.',
  metadata: 'Type, help and unit of metrics.',
  targets: 'What is scraped, and what is not.',
  rules: 'Recording and alerting rules.',
  alerts: 'Active alerts, and who is told of them.',
  status: 'The state of the server.',
  features: 'What the server can do and what of it is on.',
  notifications: 'What the server has to say to its operator.',
  admin: 'Changes of the storage; refused unless the admin API is enabled.',
  remote: 'Samples by the remote-read and remote-write protocols.',
  otlp: 'Metrics by the protocol of OpenTelemetry.',
};

const parameter = (name: string, kind: ParameterKind, about: string): Parameter => ({ name, kind, about });
const required = (each: Parameter): Parameter => ({ ...each, required: true });

const QUERY = required(parameter('query', 'text', 'A PromQL expression.'));
const START = parameter('start', 'time', 'Begin of the time range.');
const END = parameter('end', 'time', 'End of the time range, inclusive.');
const LIMIT = parameter('limit', 'number', 'At most so many entries; 0 for all.');
const MATCH = parameter('match[]', 'texts', 'Series selectors; what one of them takes counts.');
const METRIC = parameter('metric', 'text', 'The name of a metric; all when absent.');
const POOL = 'The name of a scrape pool (its job).';
const EVALUATION: readonly Parameter[] = [
  parameter('timeout', 'duration', 'After this long the query ends; at most the timeout of the server.'),
  LIMIT,
  parameter('lookback_delta', 'duration', 'How far back an instant selector looks for a sample.'),
  parameter('stats', 'text', 'Any text adds statistics; `all` those by step, where that feature is enabled.'),
];

export const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/query': {
    tag: 'query',
    about: 'Evaluates an expression at one instant.',
    parameters: [QUERY, parameter('time', 'time', 'When it is evaluated; now when absent.'), ...EVALUATION],
    data: 'query',
  },
  '/query_range': {
    tag: 'query',
    about: 'Evaluates an expression at the steps of a time range.',
    parameters: [
      QUERY,
      required(START),
      required(END),
      required(parameter('step', 'duration', 'Distance of the steps.')),
      ...EVALUATION,
    ],
    data: 'query',
  },
  '/query_exemplars': {
    tag: 'query',
    about: 'Exemplars of the series that an expression selects.',
    parameters: [QUERY, START, END],
    data: 'objects',
  },
  '/format_query': {
    tag: 'query',
    about: 'An expression as it is printed.',
    parameters: [QUERY],
    data: 'text',
  },
  '/parse_query': {
    tag: 'query',
    about: 'The syntax tree of an expression.',
    parameters: [QUERY],
    data: 'object',
  },
  '/labels': {
    tag: 'labels',
    about: 'Names of labels.',
    parameters: [START, END, MATCH, LIMIT],
    data: 'texts',
  },
  '/label/{name}/values': {
    tag: 'labels',
    about: 'Values of a label.',
    parameters: [START, END, MATCH, LIMIT],
    data: 'texts',
  },
  '/series': {
    tag: 'series',
    about: 'Label sets of series.',
    parameters: [START, END, required(MATCH), LIMIT],
    data: 'objects',
  },
  '/metadata': {
    tag: 'metadata',
    about: 'Metadata of metrics.',
    parameters: [LIMIT, parameter('limit_per_metric', 'number', 'At most so many variants of each.'), METRIC],
    data: 'object',
  },
  '/scrape_pools': {
    tag: 'targets',
    about: 'Names of the scrape pools.',
    parameters: [],
    data: 'object',
  },
  '/targets': {
    tag: 'targets',
    about: 'Targets, active and dropped.',
    parameters: [parameter('scrapePool', 'text', POOL), parameter('state', 'text', '`active`, `dropped` or `any`.')],
    data: 'object',
  },
  '/targets/metadata': {
    tag: 'targets',
    about: 'Metadata as targets tell it.',
    parameters: [parameter('match_target', 'text', 'A selector over the labels of targets.'), METRIC, LIMIT],
    data: 'objects',
  },
  '/targets/relabel_steps': {
    tag: 'targets',
    about: 'What each relabelling rule of a pool makes of a label set.',
    parameters: [
      required(parameter('scrapePool', 'text', POOL)),
      required(parameter('labels', 'text', 'The label set before relabelling, as a JSON object.')),
    ],
    data: 'object',
  },
  '/rules': {
    tag: 'rules',
    about: 'Rules by group, with their state.',
    parameters: [
      parameter('type', 'text', '`alert` or `record`.'),
      parameter('rule_name[]', 'texts', 'Names of rules.'),
      parameter('rule_group[]', 'texts', 'Names of groups.'),
      parameter('file[]', 'texts', 'Paths of rule files.'),
      parameter('exclude_alerts', 'flag', 'Leaves the active alerts of alerting rules out.'),
      MATCH,
      parameter('group_limit', 'number', 'At most so many groups; the answer tells where to go on.'),
      parameter('group_next_token', 'text', 'Where to go on.'),
    ],
    data: 'object',
  },
  '/alerts': { tag: 'alerts', about: 'Active alerts.', parameters: [], data: 'object' },
  '/alertmanagers': { tag: 'alerts', about: 'Alertmanagers that are told of alerts.', parameters: [], data: 'object' },
  '/status/config': { tag: 'status', about: 'The configuration in force.', parameters: [], data: 'object' },
  '/status/runtimeinfo': { tag: 'status', about: 'The process and its storage.', parameters: [], data: 'object' },
  '/status/buildinfo': { tag: 'status', about: 'The version.', parameters: [], data: 'object' },
  '/status/flags': { tag: 'status', about: 'Flags with the values in force.', parameters: [], data: 'object' },
  '/status/tsdb': {
    tag: 'status',
    about: 'The head, and the heaviest names and labels.',
    parameters: [LIMIT],
    data: 'object',
  },
  '/status/tsdb/blocks': { tag: 'status', about: 'The blocks.', parameters: [], data: 'object' },
  '/status/walreplay': { tag: 'status', about: 'How far the log is read at start.', parameters: [], data: 'object' },
  '/features': { tag: 'features', about: 'Features by category.', parameters: [], data: 'object' },
  '/notifications': { tag: 'notifications', about: 'What is to be said now.', parameters: [], data: 'objects' },
  '/notifications/live': {
    tag: 'notifications',
    about: 'What is to be said, as events (server-sent events).',
    parameters: [],
    data: 'none',
    events: true,
  },
  '/admin/tsdb/delete_series': {
    tag: 'admin',
    about: 'Deletes samples of series.',
    parameters: [required(MATCH), START, END],
    data: 'none',
  },
  '/admin/tsdb/clean_tombstones': {
    tag: 'admin',
    about: 'Frees the space of what is deleted.',
    parameters: [],
    data: 'none',
  },
  '/admin/tsdb/snapshot': {
    tag: 'admin',
    about: 'Copies the storage into a folder below it, and names that.',
    parameters: [parameter('skip_head', 'flag', 'Leaves out what is in memory alone.')],
    data: 'object',
  },
  '/read': {
    tag: 'remote',
    about: 'Remote read: raw samples, or a stream of chunks for clients that accept it.',
    parameters: [],
    data: 'none',
    body: ['application/x-protobuf'],
  },
  '/write': {
    tag: 'remote',
    about: 'Remote write 1.0 and 2.0.',
    parameters: [],
    data: 'none',
    body: [
      'application/x-protobuf;proto=io.prometheus.write.v2.Request',
      'application/x-protobuf;proto=prometheus.WriteRequest',
      'application/x-protobuf',
    ],
  },
  '/otlp/v1/metrics': {
    tag: 'otlp',
    about: 'Metrics as OTLP over HTTP.',
    parameters: [],
    data: 'none',
    body: ['application/x-protobuf', 'application/json'],
  },
};
