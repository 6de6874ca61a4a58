/** Runs a template over the labels of one entry. */
import { templateFunctions } from './functions.ts';
import type { Node, Operand, Pipe, Template } from './parse-template.ts';
import { printValue } from './print-value.ts';
import { isList, isMap, TemplateError, truth, typeName, type Value } from './value.ts';

export { TemplateError } from './value.ts';

export interface TemplateInput {
  readonly labels: ReadonlyMap<string, string>;
  readonly line: string;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
}

/** A template may make a line longer, but not without end. */
const OUTPUT_LENGTH_MAX = 1024 * 1024;

/** Steps of loops over all of a template's output. */
const LOOP_COUNT_MAX = 100_000;

/** Throws a TemplateError with Go's kind of message. */
export function executeTemplate(template: Template, input: TemplateInput): string {
  const run = new Execution(template.name, input);
  run.nodes(template.nodes, input.labels);
  return run.output;
}

/** Thrown to leave a loop. */
class LoopSignal {
  readonly kind: 'break' | 'continue';
  constructor(kind: 'break' | 'continue') {
    this.kind = kind;
  }
}

class Execution {
  output = '';
  readonly #name: string;
  readonly #input: TemplateInput;
  readonly #variables: { name: string; value: Value }[];
  #loops = 0;

  constructor(name: string, input: TemplateInput) {
    this.#name = name;
    this.#input = input;
    this.#variables = [{ name: '$', value: input.labels }];
  }

  nodes(nodes: readonly Node[], dot: Value): void {
    for (const node of nodes) {
      switch (node.kind) {
        case 'text':
          this.#write(node.text);
          break;
        case 'action': {
          const value = this.#pipe(node.pipe, dot);
          if (node.pipe.variables.length === 0) this.#write(printValue(value));
          break;
        }
        case 'if':
        case 'with':
          this.#branch(node, dot);
          break;
        case 'range':
          this.#range(node, dot);
          break;
        default:
          throw new LoopSignal(node.kind);
      }
    }
  }

  #write(text: string): void {
    if (this.output.length + text.length > OUTPUT_LENGTH_MAX)
      throw this.#error(`output is longer than ${OUTPUT_LENGTH_MAX} characters`);
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
    const value = this.#pipe({ ...node.pipe, variables: [] }, dot);
    const items = this.#items(value);
    if (items.length === 0) this.nodes(node.otherwise, dot);
    try {
      for (const [key, item] of items) {
        if (++this.#loops > LOOP_COUNT_MAX) throw this.#error(`more than ${LOOP_COUNT_MAX} loop steps`);
        this.#variables.length = scope;
        const { variables } = node.pipe;
        if (variables.length > 1) this.#variables.push({ name: variables[0]!, value: key });
        if (variables.length > 0) this.#variables.push({ name: variables.at(-1)!, value: item });
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
  }

  #items(value: Value): readonly (readonly [Value, Value])[] {
    if (isList(value)) return value.map((item, index) => [BigInt(index), item] as const);
    if (isMap(value)) return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
    if (typeof value === 'bigint') {
      return Array.from(
        { length: Math.min(Number(value), LOOP_COUNT_MAX + 1) },
        (_, index) => [BigInt(index), BigInt(index)] as const,
      );
    }
    if (value === null || value === undefined) return [];
    throw this.#error(`range can't iterate over ${printValue(value)}`);
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    let value: Value;
    pipe.commands.forEach((command, at) => {
      value = this.#command(command, dot, at > 0 ? [value] : []);
    });
    for (const name of pipe.variables) {
      const known = pipe.assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined;
      if (known !== undefined) known.value = value;
      else this.#variables.push({ name, value });
    }
    return value;
  }

  #command(operands: readonly Operand[], dot: Value, last: readonly Value[]): Value {
    const [head, ...rest] = operands as [Operand, ...Operand[]];
    if (head.kind !== 'function') {
      if (rest.length > 0 || last.length > 0) throw this.#error("can't give argument to non-function");
      return this.#value(head, dot);
    }
    return this.#call(head.name, rest, dot, last);
  }

  #call(name: string, operands: readonly Operand[], dot: Value, last: readonly Value[]): Value {
    // `and` and `or` do not look at what comes behind the operand that decides.
    if (name === 'and' || name === 'or') {
      let value: Value = last.at(-1);
      for (const operand of operands) {
        value = this.#value(operand, dot);
        if (truth(value) === (name === 'or')) return value;
      }
      return last.length > 0 ? last[0] : value;
    }
    const definition = templateFunctions.get(name)!;
    const values = [...operands.map((operand) => this.#value(operand, dot)), ...last];
    const [least, most] = definition.arity;
    if (values.length < least || values.length > most) {
      throw this.#error(
        `wrong number of args for ${name}: want ${most === Infinity ? `at least ${least}` : least} got ${values.length}`,
      );
    }
    try {
      return definition.call(values, this.#input);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw this.#error(`error calling ${name}: ${error.message}`);
    }
  }

  #value(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case 'constant':
        return operand.value;
      case 'dot':
        return this.#fields(dot, operand.fields);
      case 'variable':
        return this.#fields(
          this.#variables.findLast((variable) => variable.name === operand.name)?.value,
          operand.fields,
        );
      case 'pipe':
        return this.#fields(this.#pipe(operand.pipe, dot), operand.fields);
      case 'function':
        return this.#call(operand.name, [], dot, []);
    }
  }

  #fields(start: Value, fields: readonly string[]): Value {
    let value = start;
    for (const field of fields) {
      if (!isMap(value)) {
        if (value === null || value === undefined) return value;
        throw this.#error(`can't evaluate field ${field} in type ${typeName(value)}`);
      }
      const found = value.get(field);
      // The labels are a map of strings, whose missing values are empty; others have none.
      value = found === undefined && value === this.#input.labels ? '' : found;
    }
    return value;
  }

  #error(message: string): TemplateError {
    return new TemplateError(`template: ${this.#name}:1: executing "${this.#name}": ${message}`);
  }
}
