/** The OpenAPI description of the HTTP API: of the paths and methods that the server has, nothing else. */
import { type DataKind, ENDPOINTS, type Endpoint, type Parameter, type ParameterKind, TAGS } from './endpoints.ts';
import type { YamlValue } from './yaml.ts';

type YamlObject = Readonly<Record<string, YamlValue>>;

export interface OpenApiOptions {
  /** 3.2 knows streams of events and summaries of tags. */
  readonly openapi: '3.1.0' | '3.2.0';
  readonly version: string;
  /** The address of the API, with its path. */
  readonly serverUrl: string;
  readonly hasRoute: (method: string, url: string) => boolean;
}

/** Without DELETE, which answers that it is not there. */
const METHODS = ['GET', 'POST', 'PUT'] as const;

export function openApiDocument({ openapi, version, serverUrl, hasRoute }: OpenApiOptions): YamlObject {
  const paths: Record<string, YamlValue> = {};
  for (const [path, endpoint] of Object.entries(ENDPOINTS)) {
    if (endpoint.events && openapi === '3.1.0') continue;
    const url = `/api/v1${path.replace(/\{(\w+)\}/g, ':$1')}`;
    const methods = METHODS.filter((method) => hasRoute(method, url));
    if (methods.length === 0) continue;
    paths[path] = {
      ...(path.includes('{name}') ? { parameters: [PATH_NAME] } : {}),
      ...Object.fromEntries(methods.map((method) => [method.toLowerCase(), operation(path, endpoint, method)])),
    };
  }
  return {
    openapi,
    info: {
      title: 'Prometheus API',
      description: 'The HTTP API of Prometheus, as this server answers it.',
      version,
    },
    servers: [{ url: serverUrl }],
    tags: Object.entries(TAGS).map(([name, description]) => ({
      name,
      ...(openapi === '3.2.0' ? { summary: name } : {}),
      description,
    })),
    paths,
    components: { schemas: SCHEMAS },
  };
}

const PATH_NAME: YamlObject = {
  name: 'name',
  in: 'path',
  required: true,
  description: 'The name of the label; names beyond letters, digits and _ as `U__` and their escaped form.',
  schema: { type: 'string' },
};

function operation(path: string, endpoint: Endpoint, method: string): YamlObject {
  const { tag, about, parameters, body } = endpoint;
  const id = path.replace(/[{}]/g, '').replaceAll(/[/_]+/g, '-').slice(1);
  // A form holds what the query string of the same request may hold too.
  const isForm = method === 'POST' && body === undefined && parameters.length > 0;
  return {
    operationId: method === 'GET' ? id : `${id}-${method.toLowerCase()}`,
    summary: about,
    tags: [tag],
    ...(isForm ? { requestBody: formOf(parameters) } : {}),
    ...(body === undefined ? {} : { requestBody: bytesOf(body) }),
    ...(!isForm && parameters.length > 0 ? { parameters: parameters.map(queryParameter) } : {}),
    responses: responsesOf(endpoint),
  };
}

function queryParameter({ name, kind, about, required }: Parameter): YamlObject {
  return {
    name,
    in: 'query',
    description: about,
    required: required === true,
    ...(kind === 'texts' ? { explode: true } : {}),
    schema: KINDS[kind],
  };
}

function formOf(parameters: readonly Parameter[]): YamlObject {
  const properties = parameters.map(({ name, kind, about }): [string, YamlValue] => [
    name,
    { ...KINDS[kind], description: about },
  ]);
  const needed = parameters.filter(({ required }) => required === true).map(({ name }) => name);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(needed.length > 0 ? { required: needed } : {}),
  };
  return { content: { 'application/x-www-form-urlencoded': { schema } } };
}

function bytesOf(types: readonly string[]): YamlObject {
  return {
    required: true,
    content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
  };
}

const KINDS: Readonly<Record<ParameterKind, YamlObject>> = {
  text: { type: 'string' },
  texts: { type: 'array', items: { type: 'string' } },
  flag: { type: 'boolean' },
  number: { type: 'integer', minimum: 0 },
  time: { oneOf: [{ type: 'number' }, { type: 'string', format: 'date-time' }] },
  duration: { oneOf: [{ type: 'number' }, { type: 'string' }] },
};

function responsesOf({ data, events, body }: Endpoint): YamlObject {
  const json = (schema: YamlObject): YamlObject => ({ content: { 'application/json': { schema } } });
  const failed = { description: 'What was wrong.', ...json({ $ref: '#/components/schemas/Error' }) };
  if (events) {
    const event = { type: 'object', properties: { data: { type: 'string' } } };
    const stream = { content: { 'text/event-stream': { itemSchema: event } } };
    return { '200': { description: 'Events.', ...stream } };
  }
  // Other protocols say in their own ways what is wrong.
  if (body !== undefined) return { '2XX': { description: 'Done.' }, default: { description: 'What was wrong.' } };
  if (data === 'none') return { '204': { description: 'Done.' }, default: failed };
  return { '200': { description: 'The answer.', ...json(answerOf(data)) }, default: failed };
}

function answerOf(data: Exclude<DataKind, 'none'>): YamlObject {
  return {
    type: 'object',
    required: ['status', 'data'],
    properties: {
      status: { type: 'string', enum: ['success'] },
      data: DATA[data],
      warnings: { type: 'array', items: { type: 'string' } },
      infos: { type: 'array', items: { type: 'string' } },
    },
  };
}

const DATA: Readonly<Record<Exclude<DataKind, 'none'>, YamlObject>> = {
  query: { $ref: '#/components/schemas/QueryData' },
  texts: { type: 'array', items: { type: 'string' } },
  text: { type: 'string' },
  object: { type: 'object' },
  objects: { type: 'array', items: { type: 'object' } },
};

/** A time in seconds, and the value as text, since JSON knows neither NaN nor infinity. */
const SAMPLE: YamlObject = {
  type: 'array',
  prefixItems: [{ type: 'number' }, { type: 'string' }],
  minItems: 2,
  maxItems: 2,
};

const SCHEMAS: YamlObject = {
  Error: {
    type: 'object',
    required: ['status', 'errorType', 'error'],
    properties: {
      status: { type: 'string', enum: ['error'] },
      errorType: { type: 'string' },
      error: { type: 'string' },
      data: {},
    },
  },
  QueryData: {
    type: 'object',
    required: ['resultType', 'result'],
    properties: {
      resultType: { type: 'string', enum: ['vector', 'matrix', 'scalar', 'string'] },
      result: {
        description: 'Series for a vector or matrix, one sample for a scalar or string.',
        oneOf: [{ type: 'array', items: { $ref: '#/components/schemas/Series' } }, SAMPLE],
      },
      stats: { type: 'object' },
    },
  },
  Series: {
    type: 'object',
    required: ['metric'],
    properties: {
      metric: { type: 'object', additionalProperties: { type: 'string' } },
      value: SAMPLE,
      values: { type: 'array', items: SAMPLE },
      histogram: { type: 'array' },
      histograms: { type: 'array', items: { type: 'array' } },
    },
  },
};
