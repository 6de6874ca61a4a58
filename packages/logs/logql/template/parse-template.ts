/** Reads Go templates: actions, pipelines, variables, if, with, range. (`define` and `template` are refused by name.) */
import { templateFunctions } from './functions.ts';
import { type TemplateToken, tokenizeTemplate } from './template-lexer.ts';
import type { Value } from './value.ts';

export type Operand =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'dot'; readonly fields: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly fields: readonly string[] };

export interface Pipe {
  readonly variables: readonly string[];
  /** `=` instead of `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: 'break' | 'continue' };

export interface Template {
  readonly name: string;
  readonly nodes: readonly Node[];
  /** The names of all fields: what the template needs of the labels. */
  readonly fields: readonly string[];
}

/** Deeper nesting than anybody writes. */
const NESTING_DEPTH_MAX = 50;

export function parseTemplate(name: string, text: string): Template {
  const parser = new TemplateParser(name, tokenizeTemplate(name, text));
  const { nodes, end } = parser.nodes();
  if (end !== 'eof') throw parser.error(`unexpected {{${end}}}`);
  return { name, nodes, fields: [...parser.fields] };
}

class TemplateParser {
  readonly fields = new Set<string>();
  readonly #name: string;
  readonly #tokens: readonly TemplateToken[];
  readonly #variables: string[] = ['$'];
  #at = 0;
  #depth = 0;

  constructor(name: string, tokens: readonly TemplateToken[]) {
    this.#name = name;
    this.#tokens = tokens;
  }

  error(message: string): Error {
    return new Error(`template: ${this.#name}:1: ${message}`);
  }

  nodes(): { nodes: readonly Node[]; end: 'eof' | 'end' | 'else' } {
    const nodes: Node[] = [];
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at++]!;
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      this.#space();
      const word = this.#tokens[this.#at]!;
      if (word.kind === 'word' && (word.text === 'end' || word.text === 'else')) {
        this.#at++;
        return { nodes, end: word.text };
      }
      nodes.push(this.#action(word));
    }
    return { nodes, end: 'eof' };
  }

  #action(word: TemplateToken): Node {
    if (word.kind === 'word') {
      switch (word.text) {
        case 'if':
        case 'with':
        case 'range':
          this.#at++;
          return this.#control(word.text);
        case 'break':
        case 'continue':
          this.#at++;
          this.#close();
          return { kind: word.text };
        case 'define':
        case 'template':
        case 'block':
          throw this.error(`{{${word.text}}} is not supported`);
      }
    }
    const pipe = this.#pipe('close');
    return { kind: 'action', pipe };
  }

  #control(kind: 'if' | 'with' | 'range'): Node {
    if (++this.#depth > NESTING_DEPTH_MAX) throw this.error('nested too deeply');
    const scope = this.#variables.length;
    const pipe = this.#pipe('close');
    const { nodes: body, end } = this.nodes();
    let otherwise: readonly Node[] = [];
    if (end === 'eof') throw this.error('unexpected EOF');
    if (end === 'else') {
      this.#space();
      const next = this.#tokens[this.#at]!;
      if (next.kind === 'word' && (next.text === 'if' || next.text === 'with')) {
        // `else if` is an `if` inside the `else` that shares its end.
        this.#at++;
        otherwise = [this.#control(next.text)];
      } else {
        this.#close();
        const rest = this.nodes();
        if (rest.end !== 'end')
          throw this.error(rest.end === 'eof' ? 'unexpected EOF' : 'expected end; found {{else}}');
        this.#close();
        otherwise = rest.nodes;
      }
    } else {
      this.#close();
    }
    this.#variables.length = scope;
    this.#depth--;
    return { kind, pipe, body, otherwise };
  }

  #pipe(until: 'close' | ')'): Pipe {
    const { variables, assigns } = this.#declaration();
    const commands: Operand[][] = [];
    for (;;) {
      commands.push(this.#command());
      const token = this.#tokens[this.#at++]!;
      if (token.kind === 'sign' && token.text === '|') continue;
      if (token.kind === 'close' ? until === 'close' : token.text === until) break;
      throw this.error(`unexpected ${JSON.stringify(token.text)} in command`);
    }
    if (commands.length > 1 && commands.slice(1).some(([head]) => head!.kind !== 'function' && head!.kind !== 'dot')) {
      throw this.error('non executable command in pipeline stage 2');
    }
    return { variables, assigns, commands };
  }

  #declaration(): { variables: readonly string[]; assigns: boolean } {
    const start = this.#at;
    const variables: string[] = [];
    for (;;) {
      this.#space();
      const variable = this.#tokens[this.#at];
      if (variable?.kind !== 'variable') break;
      this.#at++;
      variables.push(variable.text);
      this.#space();
      const sign = this.#tokens[this.#at];
      if (sign?.text === ',') {
        this.#at++;
        continue;
      }
      if (sign?.text !== ':=' && sign?.text !== '=') break;
      this.#at++;
      if (sign.text === ':=') this.#variables.push(...variables);
      return { variables, assigns: sign.text === '=' };
    }
    this.#at = start;
    return { variables: [], assigns: false };
  }

  #command(): Operand[] {
    const operands: Operand[] = [];
    for (;;) {
      this.#space();
      const token = this.#tokens[this.#at]!;
      const ends = token.kind === 'close' || (token.kind === 'sign' && (token.text === '|' || token.text === ')'));
      if (!ends) {
        operands.push(this.#operand());
        continue;
      }
      if (operands.length === 0) throw this.error('missing value for command');
      return operands;
    }
  }

  #operand(): Operand {
    const token = this.#tokens[this.#at++]!;
    switch (token.kind) {
      case 'string':
        return { kind: 'constant', value: token.text };
      case 'char':
        return { kind: 'constant', value: BigInt(token.text.codePointAt(1)!) };
      case 'number':
        return { kind: 'constant', value: readNumber(token.text) };
      case 'field': {
        const fields = [token.text.slice(1), ...this.#fields()];
        this.fields.add(fields[0]!);
        return { kind: 'dot', fields };
      }
      case 'variable':
        if (!this.#variables.includes(token.text)) throw this.error(`undefined variable "${token.text}"`);
        return { kind: 'variable', name: token.text, fields: this.#fields() };
      case 'word':
        return this.#word(token.text);
      default:
        break;
    }
    if (token.text === '.') return { kind: 'dot', fields: [] };
    if (token.text === '(') {
      if (++this.#depth > NESTING_DEPTH_MAX) throw this.error('nested too deeply');
      const pipe = this.#pipe(')');
      this.#depth--;
      return { kind: 'pipe', pipe, fields: this.#fields() };
    }
    throw this.error(`unexpected ${JSON.stringify(token.text)} in operand`);
  }

  #word(word: string): Operand {
    if (word === 'true' || word === 'false') return { kind: 'constant', value: word === 'true' };
    if (word === 'nil') return { kind: 'constant', value: null };
    if (!templateFunctions.has(word)) throw this.error(`function "${word}" not defined`);
    return { kind: 'function', name: word };
  }

  #fields(): readonly string[] {
    const fields: string[] = [];
    while (this.#tokens[this.#at]?.kind === 'field') fields.push(this.#tokens[this.#at++]!.text.slice(1));
    return fields;
  }

  #space(): void {
    while (this.#tokens[this.#at]?.kind === 'space') this.#at++;
  }

  #close(): void {
    this.#space();
    if (this.#tokens[this.#at]?.kind !== 'close')
      throw this.error(`unexpected ${JSON.stringify(this.#tokens[this.#at]?.text)} in end`);
    this.#at++;
  }
}

function readNumber(text: string): bigint | number {
  const clean = text.replaceAll('_', '');
  if (/^[+-]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(clean)) {
    return clean.startsWith('-') ? -BigInt(clean.slice(1)) : BigInt(clean.replace('+', ''));
  }
  return Number(clean);
}
