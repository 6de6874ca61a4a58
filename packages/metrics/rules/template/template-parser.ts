/** Parses Go templates: actions, pipelines, variables, if, with, range, define and template. */
import { TemplateError } from './template-error.ts';
import { lexTemplate, type TemplateToken } from './template-lexer.ts';

export type Operand =
  | { readonly type: 'dot' }
  | { readonly type: 'nil' }
  | { readonly type: 'literal'; readonly value: string | number | bigint | boolean }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'pipeline'; readonly pipeline: Pipeline }
  | { readonly type: 'chain'; readonly of: Operand; readonly fields: readonly string[] };

export interface Pipeline {
  /** Variables that take the result. */
  readonly names: readonly string[];
  /** `:=` makes them, `=` changes them. */
  readonly declares: boolean;
  /** Each a list of operands, the first being what is called. */
  readonly commands: readonly (readonly Operand[])[];
  readonly line: number;
}

export type TemplateNode =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'action'; readonly pipeline: Pipeline }
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | { readonly type: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined; readonly line: number }
  | { readonly type: 'break' | 'continue' };

export interface ParsedTemplate {
  readonly name: string;
  readonly nodes: readonly TemplateNode[];
  readonly defined: ReadonlyMap<string, readonly TemplateNode[]>;
}

/** Blocks within blocks; deeper ones are made by machines that mean harm. */
const DEPTH_MAX = 64;

/** Throws TemplateError. `functions` are the names that may be called, `variables` those that are set from outside. */
export function parseTemplate(
  name: string,
  source: string,
  functions: ReadonlySet<string>,
  variables: readonly string[],
): ParsedTemplate {
  return new TemplateParser(name, source, functions, variables).parse();
}

class TemplateParser {
  readonly #name: string;
  readonly #tokens: readonly TemplateToken[];
  readonly #functions: ReadonlySet<string>;
  readonly #defined = new Map<string, readonly TemplateNode[]>();
  #scope: string[];
  #at = 0;
  #depth = 0;

  constructor(name: string, source: string, functions: ReadonlySet<string>, variables: readonly string[]) {
    this.#name = name;
    this.#tokens = lexTemplate(name, source);
    this.#functions = functions;
    this.#scope = ['$', ...variables];
  }

  parse(): ParsedTemplate {
    const { nodes, end } = this.#list();
    if (end !== undefined) this.#fail(`unexpected {{${end}}}`);
    return { name: this.#name, nodes, defined: this.#defined };
  }

  /** Nodes up to `end`, `else` or the end of the text. */
  #list(): { nodes: TemplateNode[]; end: 'end' | 'else' | undefined } {
    const nodes: TemplateNode[] = [];
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at]!;
      if (token.type === 'text') {
        nodes.push({ type: 'text', text: token.text });
        this.#at++;
        continue;
      }
      this.#at++;
      const word = this.#peekWord();
      if (word === 'end') {
        this.#at++;
        this.#close();
        return { nodes, end: 'end' };
      }
      if (word === 'else') {
        this.#at++;
        return { nodes, end: 'else' };
      }
      const node = this.#action(word);
      if (node !== undefined) nodes.push(node);
    }
    return { nodes, end: undefined };
  }

  #action(word: string | undefined): TemplateNode | undefined {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        this.#at++;
        return this.#block(word);
      case 'define':
        this.#at++;
        this.#define();
        return undefined;
      case 'template': {
        this.#at++;
        const { line } = this.#tokens[this.#at - 1]!;
        const name = this.#string();
        const pipeline = this.#atClose() ? undefined : this.#pipeline();
        this.#close();
        return { type: 'template', name, pipeline, line };
      }
      case 'break':
      case 'continue':
        this.#at++;
        this.#close();
        return { type: word };
      default: {
        const pipeline = this.#pipeline();
        this.#close();
        return { type: 'action', pipeline };
      }
    }
  }

  #block(type: 'if' | 'with' | 'range'): TemplateNode {
    if (++this.#depth > DEPTH_MAX) this.#fail('too many nested blocks');
    const outer = this.#scope;
    this.#scope = [...outer];
    const pipeline = this.#pipeline(type === 'range');
    this.#close();
    const { nodes: body, end } = this.#list();
    let otherwise: readonly TemplateNode[] = [];
    if (end === undefined) this.#fail('unexpected EOF');
    if (end === 'else') otherwise = this.#else(type);
    this.#scope = outer;
    this.#depth--;
    return { type, pipeline, body, otherwise };
  }

  #else(type: 'if' | 'with' | 'range'): readonly TemplateNode[] {
    // `else if` and `else with` are a block inside of the else, with one end for both.
    const word = this.#peekWord();
    if (word === type && type !== 'range') {
      this.#at++;
      return [this.#block(type)];
    }
    this.#close();
    const { nodes, end } = this.#list();
    if (end !== 'end') this.#fail(end === undefined ? 'unexpected EOF' : 'expected end; found {{else}}');
    return nodes;
  }

  #define(): void {
    const name = this.#string();
    this.#close();
    const outer = this.#scope;
    this.#scope = ['$'];
    const { nodes, end } = this.#list();
    if (end !== 'end') this.#fail('unexpected EOF');
    this.#scope = outer;
    this.#defined.set(name, nodes);
  }

  #pipeline(isRange = false): Pipeline {
    const { line } = this.#tokens[this.#at] ?? { line: 1 };
    const names: string[] = [];
    let declares = false;
    const save = this.#at;
    while (this.#peekWord()?.startsWith('$') === true) {
      names.push(this.#tokens[this.#at++]!.text);
      const next = this.#peekWord();
      if (next === ',' && isRange && names.length === 1) {
        this.#at++;
        continue;
      }
      if (next === ':=' || next === '=') {
        this.#at++;
        declares = next === ':=';
        break;
      }
      names.length = 0;
      this.#at = save;
      break;
    }
    const commands = [this.#command()];
    while (this.#peekWord() === '|') {
      this.#at++;
      commands.push(this.#command());
    }
    if (declares) this.#scope.push(...names);
    return { names, declares, commands, line };
  }

  #command(): readonly Operand[] {
    const operands: Operand[] = [];
    while (!this.#atClose() && this.#peekWord() !== '|' && this.#peekWord() !== ')') operands.push(this.#operand());
    if (operands.length === 0) this.#fail('missing value for command');
    return operands;
  }

  #operand(): Operand {
    const token = this.#tokens[this.#at++]!;
    let operand: Operand;
    if (token.type === 'string') operand = { type: 'literal', value: token.text };
    else if (token.type === 'number') operand = { type: 'literal', value: numberOf(token.text) };
    else operand = this.#word(token.text);
    const fields: string[] = [];
    // `.a` directly behind something is a field of it; the lexer keeps the dot with the name.
    while (this.#isChained()) fields.push(this.#tokens[this.#at++]!.text.slice(1));
    return fields.length === 0 ? operand : { type: 'chain', of: operand, fields };
  }

  #isChained(): boolean {
    const next = this.#tokens[this.#at];
    return next?.type === 'word' && !next.spaced && /^\.[\p{L}_]/u.test(next.text);
  }

  #word(word: string): Operand {
    if (word === '.') return { type: 'dot' };
    if (word === '(') {
      const pipeline = this.#pipeline();
      if (this.#peekWord() !== ')') this.#fail('unclosed left paren');
      this.#at++;
      return { type: 'pipeline', pipeline };
    }
    if (word.startsWith('$')) {
      if (!this.#scope.includes(word)) this.#fail(`undefined variable "${word}"`);
      return { type: 'variable', name: word };
    }
    if (word.startsWith('.')) return { type: 'chain', of: { type: 'dot' }, fields: [word.slice(1)] };
    if (word === 'true' || word === 'false') return { type: 'literal', value: word === 'true' };
    if (word === 'nil') return { type: 'nil' };
    if (!/^[\p{L}_]/u.test(word)) this.#fail(`unexpected ${JSON.stringify(word)} in operand`);
    if (!this.#functions.has(word)) this.#fail(`function "${word}" not defined`);
    return { type: 'function', name: word };
  }

  #peekWord(): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.type === 'word' ? token.text : undefined;
  }

  #atClose(): boolean {
    const token = this.#tokens[this.#at];
    return token === undefined || token.type === 'close';
  }

  #close(): void {
    const token = this.#tokens[this.#at];
    if (token?.type !== 'close') this.#fail(`unexpected ${JSON.stringify(token?.text ?? 'EOF')} in command`);
    this.#at++;
  }

  #string(): string {
    const token = this.#tokens[this.#at++];
    if (token?.type !== 'string') this.#fail('a quoted template name is expected');
    return token!.text;
  }

  #fail(message: string): never {
    const { line } = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] ?? { line: 1 };
    throw new TemplateError(`template: ${this.#name}:${line}: ${message}`);
  }
}

/** Whole numbers are ints, as in Go, which tells them from floats. */
function numberOf(text: string): number | bigint {
  return /^[+-]?(?:\d+|0[xX][0-9a-fA-F]+)$/.test(text) ? BigInt(text.replace(/^\+/, '')) : Number(text);
}
