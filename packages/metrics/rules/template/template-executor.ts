/** Executes parsed templates. Asynchronous only where a template asks a query. */
import { goValue } from './printf.ts';
import { TemplateError } from './template-error.ts';
import {
  isTrue,
  sampleField,
  type TemplateEnvironment,
  type TemplateSample,
  templateFunction,
} from './template-functions.ts';
import type { Operand, ParsedTemplate, Pipeline, TemplateNode } from './template-parser.ts';

/** Characters that one template may write: an annotation is read by people. */
const OUTPUT_CHARS_MAX = 1 << 20;
/** Actions executed: a loop over a large result ends with an error instead of never. */
const STEPS_MAX = 200_000;
/** Templates that call one another. */
const CALLS_MAX = 32;

/** Throws TemplateError. */
export async function executeTemplate(
  template: ParsedTemplate,
  dot: unknown,
  variables: ReadonlyMap<string, unknown>,
  environment: TemplateEnvironment,
): Promise<string> {
  const execution = new Execution(template, environment);
  const scope = new Scope(undefined);
  scope.declare('$', dot);
  for (const [name, value] of variables) scope.declare(name, value);
  await execution.run(template.nodes, dot, scope);
  return execution.output;
}

class Scope {
  readonly #outer: Scope | undefined;
  readonly #values = new Map<string, unknown>();

  constructor(outer: Scope | undefined) {
    this.#outer = outer;
  }

  declare(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  set(name: string, value: unknown): void {
    if (this.#values.has(name) || this.#outer === undefined) this.#values.set(name, value);
    else this.#outer.set(name, value);
  }

  get(name: string): unknown {
    return this.#values.has(name) ? this.#values.get(name) : this.#outer?.get(name);
  }
}

type Flow = 'next' | 'break' | 'continue';

class Execution {
  output = '';
  readonly #template: ParsedTemplate;
  readonly #environment: TemplateEnvironment;
  #steps = 0;
  #calls = 0;

  constructor(template: ParsedTemplate, environment: TemplateEnvironment) {
    this.#template = template;
    this.#environment = environment;
  }

  async run(nodes: readonly TemplateNode[], dot: unknown, scope: Scope): Promise<Flow> {
    for (const node of nodes) {
      if (++this.#steps > STEPS_MAX) throw this.#error(0, `more than ${STEPS_MAX} steps`);
      const flow = await this.#node(node, dot, scope);
      if (flow !== 'next') return flow;
    }
    return 'next';
  }

  async #node(node: TemplateNode, dot: unknown, scope: Scope): Promise<Flow> {
    switch (node.type) {
      case 'text':
        this.#write(node.text);
        return 'next';
      case 'action': {
        const value = await this.#pipeline(node.pipeline, dot, scope);
        if (node.pipeline.names.length === 0)
          this.#write(value === undefined || value === null ? '<no value>' : goValue(value));
        return 'next';
      }
      case 'if': {
        const inner = new Scope(scope);
        const value = await this.#pipeline(node.pipeline, dot, inner);
        return this.run(isTrue(value) ? node.body : node.otherwise, dot, inner);
      }
      case 'with': {
        const inner = new Scope(scope);
        const value = await this.#pipeline(node.pipeline, dot, inner);
        return isTrue(value) ? this.run(node.body, value, inner) : this.run(node.otherwise, dot, inner);
      }
      case 'range':
        return this.#range(node, dot, scope);
      case 'template':
        await this.#call(
          node.name,
          node.pipeline === undefined ? undefined : await this.#pipeline(node.pipeline, dot, scope),
          node.line,
        );
        return 'next';
      default:
        return node.type;
    }
  }

  async #range(node: TemplateNode & { type: 'if' | 'with' | 'range' }, dot: unknown, scope: Scope): Promise<Flow> {
    const outer = new Scope(scope);
    const value = await this.#pipeline({ ...node.pipeline, names: [] }, dot, outer);
    const items: (readonly [unknown, unknown])[] =
      value instanceof Map
        ? [...value].sort(([a], [b]) => (a < b ? -1 : 1))
        : Array.isArray(value)
          ? value.map((item, i) => [BigInt(i), item] as const)
          : [];
    if (items.length === 0) return this.run(node.otherwise, dot, outer);
    const { names } = node.pipeline;
    for (const [key, item] of items) {
      const inner = new Scope(outer);
      if (names.length === 2) inner.declare(names[0]!, key);
      if (names.length > 0) inner.declare(names.at(-1)!, item);
      if ((await this.run(node.body, item, inner)) === 'break') break;
    }
    return 'next';
  }

  async #call(name: string, dot: unknown, line: number): Promise<void> {
    const nodes = this.#template.defined.get(name);
    if (nodes === undefined) throw this.#error(line, `template "${name}" not defined`);
    if (++this.#calls > CALLS_MAX) throw this.#error(line, 'exceeded maximum template depth');
    const scope = new Scope(undefined);
    scope.declare('$', dot);
    await this.run(nodes, dot, scope);
    this.#calls--;
  }

  async #pipeline(pipeline: Pipeline, dot: unknown, scope: Scope): Promise<unknown> {
    let value: unknown;
    try {
      for (const [i, command] of pipeline.commands.entries()) {
        value = await this.#command(command, dot, scope, i > 0 ? [value] : []);
      }
    } catch (error) {
      throw error instanceof TemplateError && !error.message.startsWith('template: ')
        ? this.#error(pipeline.line, error.message)
        : error;
    }
    for (const name of pipeline.names) {
      if (pipeline.declares) scope.declare(name, value);
      else scope.set(name, value);
    }
    return value;
  }

  async #command(command: readonly Operand[], dot: unknown, scope: Scope, piped: readonly unknown[]): Promise<unknown> {
    const [first, ...rest] = command as [Operand, ...Operand[]];
    if (first.type !== 'function') {
      if (rest.length > 0 || piped.length > 0) throw new TemplateError("can't give argument to non-function");
      return this.#operand(first, dot, scope);
    }
    if (first.name === 'and' || first.name === 'or') return this.#logic(first.name, rest, piped, dot, scope);
    const args: unknown[] = [];
    for (const operand of rest) args.push(await this.#operand(operand, dot, scope));
    args.push(...piped);
    if (first.name === 'tmpl') return this.#rendered(args);
    return await this.#invoke(first.name, args);
  }

  /** What a function refuses (a regular expression, a query) is an error of the template that called it. */
  async #invoke(name: string, args: readonly unknown[]): Promise<unknown> {
    try {
      return await templateFunction(name)(args, this.#environment);
    } catch (error) {
      if (error instanceof TemplateError || error instanceof TypeError) throw error;
      throw new TemplateError(`error calling ${name}: ${(error as Error).message}`);
    }
  }

  async #logic(
    name: 'and' | 'or',
    operands: readonly Operand[],
    piped: readonly unknown[],
    dot: unknown,
    scope: Scope,
  ): Promise<unknown> {
    let value: unknown;
    for (const operand of operands) {
      value = await this.#operand(operand, dot, scope);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  /** `tmpl name data`: what the template writes, as a value. */
  async #rendered([name, data]: readonly unknown[]): Promise<string> {
    const before = this.output;
    this.output = '';
    await this.#call(String(name), data, 0);
    const rendered = this.output;
    this.output = before;
    return rendered;
  }

  async #operand(operand: Operand, dot: unknown, scope: Scope): Promise<unknown> {
    switch (operand.type) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'literal':
        return operand.value;
      case 'variable':
        return scope.get(operand.name);
      case 'function':
        return this.#command([operand], dot, scope, []);
      case 'pipeline':
        return this.#pipeline(operand.pipeline, dot, scope);
      case 'chain': {
        let value = await this.#operand(operand.of, dot, scope);
        for (const field of operand.fields) value = fieldOf(value, field);
        return value;
      }
    }
  }

  #write(text: string): void {
    this.output += text;
    if (this.output.length > OUTPUT_CHARS_MAX) throw this.#error(0, `more than ${OUTPUT_CHARS_MAX} characters`);
  }

  #error(line: number, message: string): TemplateError {
    return new TemplateError(`template: ${this.#template.name}${line > 0 ? `:${line}` : ''}: ${message}`);
  }
}

function fieldOf(value: unknown, field: string): unknown {
  // A missing label is empty text, as in the real server (option missingkey=zero).
  if (value instanceof Map) return value.get(field) ?? '';
  if (typeof value === 'object' && value !== null && 'labels' in value)
    return sampleField(value as TemplateSample, field);
  if (value instanceof Date) throw new TemplateError(`can't evaluate field ${field} in type time.Time`);
  throw new TemplateError(
    `can't evaluate field ${field} in type ${value === null || value === undefined ? 'interface {}' : typeof value}`,
  );
}
