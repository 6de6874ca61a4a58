/** Runs a template (text/template/exec.go). Nothing in it waits: a line of a log may be one of millions. */
import type { Command, Node, Operand, ParsedTemplate, Pipe } from './ast.ts';
import { BUILTIN_FUNCTIONS } from './builtin-functions.ts';
import type { GoTime } from './go-time.ts';
import { lineAt } from './lexer.ts';
import { printValue } from './print-value.ts';
import type { Rendering, TemplateFunction } from './template-function.ts';
import { timeMethod } from './time-methods.ts';
import { isList, isMap, isStruct, isTime, TemplateError, truth, typeName, type Value } from './value.ts';

export interface ExecuteOptions<Context> {
  readonly functions: ReadonlyMap<string, TemplateFunction<Context>>;
  readonly context: Context;
  /** What a map gives for a key that it lacks; `<no value>` when absent. */
  readonly missing?: (map: ReadonlyMap<string, Value>) => Value;
}

/** A template may make a text longer, but not without end. */
const OUTPUT_CHARS_MAX = 1 << 20;

/** Steps of loops over all of a template's output. */
const LOOP_STEPS_MAX = 100_000;

/** Templates that call one another. */
const CALLS_MAX = 100;

/**
 * Throws a TemplateError with Go's text. What a function throws that is no Error (a signal of its own) passes through.
 */
export function executeTemplate<Context>(
  template: ParsedTemplate,
  dot: Value,
  options: ExecuteOptions<Context>,
): string {
  const execution = new Execution(template, dot, options);
  execution.nodes(template.nodes, dot);
  return execution.output;
}

/** Thrown to leave a loop. */
class LoopSignal {
  readonly kind: 'break' | 'continue';
  constructor(kind: 'break' | 'continue') {
    this.kind = kind;
  }
}

interface Variable {
  readonly name: string;
  value: Value;
}

class Execution<Context> implements Rendering {
  output = '';
  readonly #template: ParsedTemplate;
  readonly #options: ExecuteOptions<Context>;
  #variables: Variable[];
  #loops = 0;
  #calls = 0;

  constructor(template: ParsedTemplate, dot: Value, options: ExecuteOptions<Context>) {
    this.#template = template;
    this.#options = options;
    this.#variables = [{ name: '$', value: dot }];
  }

  nodes(nodes: readonly Node[], dot: Value): void {
    for (const node of nodes) {
      switch (node.kind) {
        case 'text':
          this.#write(node.text);
          break;
        case 'action': {
          const value = this.#pipe(node.pipe, dot);
          if (node.pipe.variables.length === 0)
            this.#write(value === undefined || value === null ? '<no value>' : printValue(value));
          break;
        }
        case 'if':
        case 'with':
          this.#branch(node, dot);
          break;
        case 'range':
          this.#range(node, dot);
          break;
        case 'template':
          this.#call(node, node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot));
          break;
        default:
          throw new LoopSignal(node.kind);
      }
    }
  }

  render(name: string, data: Value): string {
    const before = this.output;
    this.output = '';
    this.#call({ name, at: 0, end: 0 }, data);
    const rendered = this.output;
    this.output = before;
    return rendered;
  }

  #write(text: string): void {
    if (this.output.length + text.length > OUTPUT_CHARS_MAX) {
      throw new TemplateError(`template: ${this.#template.name}: output is longer than ${OUTPUT_CHARS_MAX} characters`);
    }
    this.output += text;
  }

  #branch(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>, dot: Value): void {
    const scope = this.#variables.length;
    const value = this.#pipe(node.pipe, dot);
    if (truth(value)) this.nodes(node.body, node.kind === 'with' ? value : dot);
    else this.nodes(node.otherwise, dot);
    this.#variables.length = scope;
  }

  #range(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>, dot: Value): void {
    const scope = this.#variables.length;
    const { variables, assigns } = node.pipe;
    const value = this.#pipe({ ...node.pipe, variables: [] }, dot);
    let steps = 0;
    try {
      for (const [key, item] of this.#items(value, node)) {
        steps++;
        if (++this.#loops > LOOP_STEPS_MAX)
          throw this.#error(node.pipe.commands[0]!, `more than ${LOOP_STEPS_MAX} loop steps`);
        this.#variables.length = scope;
        const given: readonly Value[] = variables.length > 1 ? [key, item] : [item];
        for (const [i, name] of variables.entries()) this.#set(name, given[i], assigns);
        try {
          this.nodes(node.body, item);
        } catch (signal) {
          if (!(signal instanceof LoopSignal) || signal.kind === 'break') throw signal;
        }
      }
    } catch (signal) {
      if (!(signal instanceof LoopSignal)) throw signal;
    }
    this.#variables.length = scope;
    if (steps === 0) this.nodes(node.otherwise, dot);
  }

  *#items(value: Value, node: Extract<Node, { kind: 'if' | 'with' | 'range' }>): Iterable<readonly [Value, Value]> {
    if (isList(value)) {
      for (let i = 0; i < value.length; i++) yield [BigInt(i), value[i]];
    } else if (isMap(value)) {
      yield* [...value].sort(([a], [b]) => (a < b ? -1 : 1));
    } else if (typeof value === 'bigint') {
      for (let i = 0n; i < value; i++) yield [i, i];
    } else if (value !== null && value !== undefined) {
      throw this.#error(node.pipe.commands[0]!, `range can't iterate over ${printValue(value)}`);
    }
  }

  #call(node: { readonly name: string; readonly at: number; readonly end: number }, data: Value): void {
    const nodes = this.#template.defined.get(node.name);
    if (nodes === undefined) throw this.#error(node, `template "${node.name}" not defined`);
    if (++this.#calls > CALLS_MAX) throw this.#error(node, `exceeded maximum template depth (${CALLS_MAX})`);
    const outer = this.#variables;
    this.#variables = [{ name: '$', value: data }];
    this.nodes(nodes, data);
    this.#variables = outer;
    this.#calls--;
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    let value: Value;
    let piped: readonly Value[] = [];
    for (const command of pipe.commands) {
      value = this.#command(command, dot, piped);
      piped = [value];
    }
    for (const name of pipe.variables) this.#set(name, value, pipe.assigns);
    return value;
  }

  #set(name: string, value: Value, assigns: boolean): void {
    const known = assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined;
    if (known !== undefined) known.value = value;
    else this.#variables.push({ name, value });
  }

  #command(command: Command, dot: Value, piped: readonly Value[]): Value {
    const [head, ...rest] = command.operands as [Operand, ...Operand[]];
    if (head.kind === 'function') return this.#invoke(command, head.name, rest, dot, piped);
    if (head.kind === 'nil') throw this.#error(head, 'nil is not a command');
    if (rest.length > 0 || piped.length > 0) {
      const called = this.#method(head, rest, dot, piped);
      if (called !== undefined) return called;
      const text = this.#template.source.slice(head.at, head.end);
      const field = head.kind === 'dot' || head.kind === 'variable' ? head.fields.at(-1) : undefined;
      throw this.#error(
        head,
        field === undefined
          ? `can't give argument to non-function ${text}`
          : `${field} is not a method but has arguments`,
      );
    }
    return this.#value(head, dot);
  }

  /** A method of a time with arguments: `(now | toTime).Format "15:04"`; undefined when the operand is no such. */
  #method(head: Operand, rest: readonly Operand[], dot: Value, piped: readonly Value[]): Value {
    if (!('fields' in head) || head.fields.length === 0) return undefined;
    const receiver = this.#value({ ...head, fields: head.fields.slice(0, -1) }, dot);
    if (!isTime(receiver)) return undefined;
    const args = [...rest.map((operand) => this.#value(operand, dot)), ...piped];
    const name = head.fields.at(-1)!;
    const result = this.#timeMethod(head, receiver, name, args);
    if (result === undefined) throw this.#error(head, `can't evaluate field ${name} in type ${typeName(receiver)}`);
    return result;
  }

  #timeMethod(operand: Operand, time: GoTime, name: string, args: readonly Value[]): Value {
    try {
      return timeMethod(time, name, args);
    } catch (error) {
      throw this.#error(operand, (error as Error).message);
    }
  }

  #invoke(command: Command, name: string, operands: readonly Operand[], dot: Value, piped: readonly Value[]): Value {
    if (name === 'and' || name === 'or') return this.#decide(command, name, operands, dot, piped);
    const { functions, context } = this.#options;
    const called = functions.get(name) ?? BUILTIN_FUNCTIONS.get(name);
    if (called === undefined) throw this.#error(command, `"${name}" is not a defined function`);
    const values: Value[] = [];
    for (const operand of operands) values.push(this.#value(operand, dot));
    values.push(...piped);
    const [least, most] = called.arity;
    if (values.length < least || values.length > most) {
      const wanted = most === Infinity ? `at least ${least}` : String(values.length < least ? least : most);
      throw this.#error(command.operands[0]!, `wrong number of args for ${name}: want ${wanted} got ${values.length}`);
    }
    try {
      return called.call(values, context, this);
    } catch (error) {
      // A template that this one called has told already where it is wrong; signals are no errors.
      if (!(error instanceof Error) || (error instanceof TemplateError && error.message.startsWith('template: ')))
        throw error;
      throw this.#error(command, `error calling ${name}: ${error.message}`);
    }
  }

  /** `and` and `or` do not look at what comes behind the operand that decides. */
  #decide(
    command: Command,
    name: 'and' | 'or',
    operands: readonly Operand[],
    dot: Value,
    piped: readonly Value[],
  ): Value {
    if (operands.length + piped.length === 0) {
      throw this.#error(command.operands[0]!, `wrong number of args for ${name}: want at least 1 got 0`);
    }
    let value: Value;
    for (const operand of operands) {
      value = this.#value(operand, dot);
      if (truth(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #value(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case 'constant':
        return operand.value;
      case 'nil':
        return null;
      case 'dot':
        return operand.fields.length === 0 ? dot : this.#fields(operand, dot, operand.fields);
      case 'variable': {
        const value = this.#variables.findLast((variable) => variable.name === operand.name)?.value;
        return operand.fields.length === 0 ? value : this.#fields(operand, value, operand.fields);
      }
      case 'pipe':
        return this.#fields(operand, this.#pipe(operand.pipe, dot), operand.fields);
      case 'function':
        return this.#invoke({ operands: [operand], at: operand.at, end: operand.end }, operand.name, [], dot, []);
    }
  }

  #fields(operand: Operand, start: Value, fields: readonly string[]): Value {
    let value = start;
    for (const field of fields) {
      if (isMap(value)) {
        const found = value.get(field);
        value = found === undefined ? this.#options.missing?.(value) : found;
        continue;
      }
      if (value === undefined || value === null) return undefined;
      const found = isTime(value)
        ? this.#timeMethod(operand, value, field, [])
        : isStruct(value)
          ? value.field(field)
          : undefined;
      if (found === undefined) throw this.#error(operand, `can't evaluate field ${field} in type ${typeName(value)}`);
      value = found;
    }
    return value;
  }

  /** `template: name:1:3: executing "name" at <.a.b>: …`; the column counts bytes from 0. */
  #error(place: { readonly at: number; readonly end: number }, message: string): TemplateError {
    const { name, source } = this.#template;
    const before = source.slice(0, place.at);
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1));
    const at = source.slice(place.at, place.end);
    const where = `${name}:${lineAt(source, place.at)}:${column}`;
    return new TemplateError(`template: ${where}: executing ${JSON.stringify(name)} at <${at}>: ${message}`);
  }
}
