// The API's documentation page, drawn from the OpenAPI document and the list of rules.

import { PROBLEM_KINDS } from '../../api/problem.ts';
import { BUSINESS_RULES } from '../../domain/business-rule.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';

/** The parts of an OpenAPI document that the page shows. */
export interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
}

interface ApiOperation {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly description?: string }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly examples?: readonly unknown[];
}

/** The order in which somebody new wants to read. */
const TAGS = [
  ...['Menu', 'Orders', 'Live', 'Customers', 'Accounts', 'Tokens'],
  ...['House', 'Statistics', 'Events', 'Faults'],
];

export function docsPage(api: ApiDescription): Page {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? 'Other');
  const ordered = [...groups].sort(([left], [right]) => TAGS.indexOf(left) - TAGS.indexOf(right));
  const sections = ordered.map(
    ([tag, members]) =>
      html`<h2>${tag}</h2>${members.map((each) => operationPart(each.method, each.path, each.operation))}`,
  );
  return {
    title: 'API',
    path: '/api/docs',
    styles: ['docs.css'],
    body: html`<div class="docs">
<h1 class="page-title">The API</h1>
<p class="lead">JSON over HTTP, the same that our own pages use. For machines: <a href="/api/docs/json">OpenAPI 3.1</a>. Metrics: <a href="/api/metrics">/api/metrics</a>.</p>
${sections}
<h2>Problems</h2>
<p>Every error is a problem details object (RFC 9457) whose <code>type</code> is one of these. A request that is not what the operation takes gets 400, one that breaks a rule whatever the time 422, one that does not fit the present state 409.</p>
<table><thead><tr><th>Problem</th><th>Meaning</th><th>Status</th></tr></thead><tbody>${problemRows()}</tbody></table>
</div>`,
  };
}

function operationPart(method: string, path: string, operation: ApiOperation): Html {
  const schema = operation.requestBody?.content['application/json'].schema;
  const parameters = operation.parameters.map(
    (parameter) =>
      html`<tr><td><code>${parameter.name}</code></td><td>${parameter.in}</td><td>${parameter.description}</td></tr>`,
  );
  const responses = Object.entries(operation.responses).map(
    ([status, { description }]) => html`<tr><td><code>${status}</code></td><td colspan="2">${description}</td></tr>`,
  );
  return html`<details><summary><span class="verb ${method}">${method.toUpperCase()}</span><code>${path}</code><span class="quiet">${operation.summary}</span></summary>
<div>
${operation.description === undefined ? '' : html`<p>${operation.description}</p>`}
${schema === undefined ? '' : html`<pre tabindex="0"><code>${JSON.stringify(exampleOf(schema), null, 2)}</code></pre>`}
<table><tbody>${parameters}${responses}</tbody></table>
</div></details>`;
}

function problemRows(): Html[] {
  const rules = Object.entries(BUSINESS_RULES).map(([name, { title, kind }]) => ({
    name,
    title: title as string,
    status: kind === 'invalid' ? '422' : '409',
  }));
  const kinds = Object.entries(PROBLEM_KINDS).map(([name, title]) => ({ name, title: title as string, status: '' }));
  return [...rules, ...kinds].map(
    ({ name, title, status }) =>
      html`<tr id="problem-${name}"><td><code>${name}</code></td><td>${title}</td><td>${status}</td></tr>`,
  );
}

/** A request body made of the schema's own examples. */
function exampleOf(schema: JsonSchema): unknown {
  if (schema.examples !== undefined) return schema.examples[0];
  if (schema.properties !== undefined) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, exampleOf(part)]));
  }
  if (schema.items !== undefined) return [exampleOf(schema.items)];
  return schema.type === 'string' ? 'text' : 0;
}
