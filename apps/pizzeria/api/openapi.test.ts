// The OpenAPI document is true: a client that knows nothing but the document asks everything that it names, rightly and
// wrongly, and every answer has a status, a media type and a body that the document foresees.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { ORDER, type TestPizzeria, testPizzeria } from '../main/test-pizzeria.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 12);
const JSON_TYPE = 'application/json';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters: readonly { name: string; in: string; required?: boolean; schema: Schema }[];
  readonly requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: object;
}

let pizzeria: TestPizzeria;
let document: Document;
let ajv: Ajv2020;
let manager: Record<string, string>;
/** Ids that exist, so that not every answer is 404. */
const known = new Map<string, string[]>();

before(async () => {
  pizzeria = await testPizzeria();
  document = (await pizzeria.call('GET', '/api/docs/json')).body;
  ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'openapi');
  manager = { cookie: await logIn() };
  const orders = await Promise.all(Array.from({ length: 6 }, () => pizzeria.order()));
  known.set('/api/orders/{id}', orders);
  known.set('/api/menu/{id}', ['diavola', 'marinara']);
  known.set('/api/faults/{name}', ['slow-oven', 'slow-delivery']);
});
after(() => pizzeria.close());

const random = randomOf(SEED);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

test('every operation answers as the document says, whoever asks and whatever is sent', async () => {
  const seen = new Set<string>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      // A stream does not end; its first answer is looked at below.
      if ('text/event-stream' in (operation.responses[200]?.content ?? {})) continue;
      for (let round = 0; round < ROUNDS; round += 1) {
        const status = await ask(method.toUpperCase(), path, operation, round);
        seen.add(`${operation.operationId} ${status}`);
      }
    }
  }
  // The client is worth something only if it is understood, and not merely refused.
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const succeeded = operations.filter(({ operationId }) =>
    [...seen].some((each) => each.startsWith(`${operationId} 2`)),
  );
  assert.ok(succeeded.length > 0.6 * operations.length, `${succeeded.length} of ${operations.length} succeeded`);
});

test('what needs a role says so, and is refused to guests as documented', async () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const isClosed =
        operation.security !== undefined && !operation.security.some((each) => Object.keys(each).length === 0);
      if (!isClosed) continue;
      const url = path.replaceAll(/\{\w+\}/g, '1');
      const answer = await pizzeria.call(method.toUpperCase(), url, method === 'get' ? undefined : {});
      assert.equal(answer.status, 401, `${method} ${path}`);
      check(operation, answer.status, answer.headers.get('content-type'), answer.body, `${method} ${path} as a guest`);
    }
  }
});

test('methods that are not named are refused', async () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'POST']) {
      if (method.toLowerCase() in methods) continue;
      const answer = await pizzeria.call(method, path.replaceAll(/\{\w+\}/g, '1'), undefined, manager);
      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.match(answer.headers.get('allow') ?? '', new RegExp(`\\b${Object.keys(methods)[0]}\\b`, 'i'));
    }
  }
});

test('bodies that are not JSON are refused as documented, whatever they call themselves', async () => {
  // The client above logged the first one out.
  const cookie = await logIn();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.requestBody === undefined) continue;
      const url = path.replaceAll(/\{\w+\}/g, '1');
      for (const type of ['text/plain', 'application/xml', 'nonsense']) {
        const headers = { cookie, 'content-type': type };
        const answer = await pizzeria.call(method.toUpperCase(), url, 'text', headers);
        assert.equal(answer.status, 415, `${method} ${path} with ${type}`);
        check(operation, answer.status, answer.headers.get('content-type'), answer.body, `${method} ${path}`);
      }
    }
  }
});

async function logIn(): Promise<string> {
  const login = await pizzeria.call('POST', '/api/auth/login', { login: 'mario', password: 'mario' });
  return login.headers.get('set-cookie')!.split(';', 1)[0]!;
}

async function ask(method: string, path: string, operation: Operation, round: number): Promise<number> {
  // The first rounds send what is asked for; later ones leave out, add and twist.
  const mistakes = round < 4 ? 0 : random();
  const url = urlOf(path, operation, mistakes);
  const headers: Record<string, string> = { ...(random() < 0.8 && manager) };
  for (const parameter of operation.parameters) {
    if (parameter.in === 'header' && random() < 0.3)
      headers[parameter.name] = pick(['"1"', '*', 'W/"2"', '"x"', 'key']);
  }
  const schema = operation.requestBody?.content[JSON_TYPE]?.schema;
  const isSent = schema !== undefined && (operation.requestBody?.required === true || random() < 0.5);
  const body = isSent ? JSON.stringify(bodyOf(operation, schema, mistakes)) : undefined;
  const answer = await pizzeria.call(method, url, body, headers);
  const what = `seed ${SEED}: ${method} ${url} ${body ?? ''} ${JSON.stringify(Object.keys(headers))}`;
  check(operation, answer.status, answer.headers.get('content-type'), answer.body, what);
  return answer.status;
}

function check(operation: Operation, status: number, type: string | null, body: unknown, what: string): void {
  const response = operation.responses[status];
  assert.ok(response, `${what}: the status ${status} is not documented: ${JSON.stringify(body)}`);
  if (response.content === undefined) {
    assert.equal(body, '', `${what}: ${status} has no body`);
    return;
  }
  const media = type?.split(';', 1)[0] ?? '';
  assert.ok(media in response.content, `${what}: ${status} with ${type} is not documented`);
  const validate = validatorOf(operation, status, media);
  assert.ok(
    validate(body),
    `${what}: ${status} ${JSON.stringify(validate.errors)} in ${JSON.stringify(body)?.slice(0, 500)}`,
  );
}

const validators = new Map<string, ValidateFunction>();
function validatorOf(operation: Operation, status: number, media: string): ValidateFunction {
  const key = `${operation.operationId} ${status} ${media}`;
  let validate = validators.get(key);
  if (validate === undefined) {
    const { schema } = operation.responses[status]!.content![media]!;
    // References of the document are to its own root.
    const text = JSON.stringify(schema).replaceAll('"#/', '"openapi#/');
    validate = ajv.compile(JSON.parse(text));
    validators.set(key, validate);
  }
  return validate;
}

function urlOf(path: string, operation: Operation, mistakes: number): string {
  const template = [...known.keys()].find((each) => path.startsWith(each));
  const filled = path.replaceAll(/\{\w+\}/g, () => {
    const ids = template === undefined ? ['1'] : known.get(template)!;
    return encodeURIComponent(mistakes > 0.7 ? String(twisted()).toWellFormed() || 'x' : pick(ids));
  });
  const query = new URLSearchParams();
  for (const { name, in: place, required, schema } of operation.parameters) {
    if (place !== 'query' || (required !== true && random() < 0.6)) continue;
    query.set(name, mistakes > 0.5 ? String(twisted()) : String(textFor(name, schema)));
  }
  const text = query.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

function textFor(name: string, schema: Schema): unknown {
  if (schema.pattern !== undefined) return pick(['1', '7']);
  const examples: Record<string, readonly string[]> = {
    status: ['active', 'confirmed', 'cooking,ready'],
    pizza: ['diavola'],
    from: ['2026-11-22T00:00:00Z'],
    to: ['2026-11-22T08:00:00+01:00'],
    before: ['1763800000000.a'],
  };
  return pick(schema.enum ?? examples[name] ?? ['someone']);
}

function bodyOf(operation: Operation, schema: Schema, mistakes: number): unknown {
  const { operationId } = operation;
  if (mistakes === 0 && operationId === 'postOrders') return ORDER;
  if (mistakes === 0 && operationId === 'postAuthLogin') return { login: 'enzo', password: 'enzo' };
  if (mistakes === 0 && operationId === 'postAuthToken') {
    return { grant_type: 'client_credentials', client_id: 'traffic', client_secret: 'traffic' };
  }
  // A second account or pizza of the same name is a conflict; that is asked for by the rounds to come.
  const value = sampleOf(schema, mistakes) as Record<string, unknown>;
  const unique = `made-${Math.floor(random() * 1e9)}`;
  if (mistakes > 0 || typeof value !== 'object' || value === null) return value;
  if ('login' in value) return { ...value, login: unique, password: 'a long enough sentence', phone: '+1 555 0134' };
  return operationId === 'postMenu' ? { ...value, name: unique } : value;
}

/** Something that the schema allows, or nearly. */
function sampleOf(schema: Schema, mistakes: number): unknown {
  if (mistakes > 0 && random() < mistakes / 6) return twisted();
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(schema.enum);
  if (schema.examples !== undefined) return pick(schema.examples);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'object') {
    const required = new Set(schema.required);
    const entries = Object.entries(schema.properties ?? {})
      .filter(([name]) => (required.has(name) ? random() >= mistakes / 8 : random() < 0.6))
      .map(([name, property]) => [name, sampleOf(property, mistakes)]);
    return Object.fromEntries(entries);
  }
  if (type === 'array')
    return Array.from({ length: 1 + Math.floor(random() * 2) }, () => sampleOf(schema.items ?? {}, mistakes));
  if (type === 'boolean') return random() < 0.5;
  if (type === 'integer' || type === 'number') return Math.floor(random() * 100);
  return pick(['cooking', 'text', 'Ada Rossi', '+1 555 0134']);
}

function twisted(): unknown {
  return pick([
    null,
    true,
    -1,
    0.5,
    1e308,
    '',
    ' ',
    'a\u0000b',
    '\ud800',
    '🍕',
    'x'.repeat(400),
    '__proto__',
    [],
    {},
    [[]],
  ]);
}

function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
}
