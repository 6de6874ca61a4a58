/** Parses templates: actions, pipelines, variables, if, with, range, define, block and template (text/template/parse). */
import type { Command, Node, Operand, ParsedTemplate, Pipe } from './ast.ts';
import { lexError, lexTemplate, type Token, unquoteGo } from './lexer.ts';
import type { TemplateError, Value } from './value.ts';

export interface ParseOptions {
  /** Names that may be called, besides Go's own. */
  readonly functions: { has(name: string): boolean };
}

/** Blocks and parentheses within one another; deeper ones are made by machines that mean harm. */
const DEPTH_MAX = 64;

/** Go's own functions (text/template, funcs.go). */
const GO_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['and', 'or', 'not', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'len', 'index', 'slice', 'call'],
  ...['print', 'printf', 'println', 'html', 'js', 'urlquery'],
]);

/** Throws TemplateError with name and line. */
export function parseTemplate(name: string, source: string, options: ParseOptions): ParsedTemplate {
  return new Parser(name, source, options).parse();
}

type BlockEnd = 'eof' | 'end' | 'else';

class Parser {
  readonly #name: string;
  readonly #source: string;
  readonly #functions: ParseOptions['functions'];
  readonly #tokens: readonly Token[];
  readonly #defined = new Map<string, readonly Node[]>();
  readonly #fields = new Set<string>();
  #variables: string[] = ['$'];
  #at = 0;
  #depth = 0;
  #rangeDepth = 0;

  constructor(name: string, source: string, { functions }: ParseOptions) {
    this.#name = name;
    this.#source = source;
    this.#functions = functions;
    this.#tokens = lexTemplate(name, source);
  }

  parse(): ParsedTemplate {
    const { nodes, end } = this.#nodes();
    if (end !== 'eof') throw this.#error(`unexpected {{${end}}}`);
    return { name: this.#name, source: this.#source, nodes, defined: this.#defined, fields: [...this.#fields] };
  }

  /** Nodes up to `end`, `else` or the end of the text; behind `end` the action is closed. */
  #nodes(): { nodes: readonly Node[]; end: BlockEnd } {
    const nodes: Node[] = [];
    for (let token = this.#tokens[this.#at]; token !== undefined; token = this.#tokens[this.#at]) {
      this.#at++;
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const word = this.#word();
      if (word === 'end' || word === 'else') {
        this.#at++;
        if (word === 'end') this.#close('end');
        return { nodes, end: word };
      }
      const node = this.#action(word);
      if (node !== undefined) nodes.push(node);
    }
    return { nodes, end: 'eof' };
  }

  #action(word: string | undefined): Node | undefined {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        this.#at++;
        return this.#control(word);
      case 'define':
        this.#at++;
        this.#define(this.#templateName('define clause'));
        return undefined;
      case 'block': {
        this.#at++;
        const name = this.#templateName('block clause');
        const at = this.#here();
        const pipe = this.#pipe('block clause');
        const end = this.#here();
        this.#define(name);
        return { kind: 'template', name, pipe, at, end };
      }
      case 'template': {
        const at = this.#here();
        this.#at++;
        const name = this.#templateName('template clause');
        const pipe = this.#tokens[this.#at]?.kind === 'close' ? undefined : this.#pipe('template clause');
        const end = this.#here();
        if (pipe === undefined) this.#close('template clause');
        return { kind: 'template', name, pipe, at, end };
      }
      case 'break':
      case 'continue':
        this.#at++;
        if (this.#rangeDepth === 0) throw this.#error(`{{${word}}} outside {{range}}`);
        this.#close(`{{${word}}}`);
        return { kind: word };
      default:
        return { kind: 'action', pipe: this.#pipe('command') };
    }
  }

  #control(kind: 'if' | 'with' | 'range'): Node {
    this.#deeper();
    const scope = this.#variables.length;
    const pipe = this.#pipe(kind);
    if (kind === 'range') this.#rangeDepth++;
    const { nodes: body, end } = this.#nodes();
    if (kind === 'range') this.#rangeDepth--;
    if (end === 'eof') throw this.#error('unexpected EOF');
    const otherwise = end === 'else' ? this.#otherwise(kind) : [];
    this.#variables.length = scope;
    this.#depth--;
    return { kind, pipe, body, otherwise };
  }

  #otherwise(kind: 'if' | 'with' | 'range'): readonly Node[] {
    const word = this.#word();
    if (word === kind && kind !== 'range') {
      // `else if` is an `if` inside the `else` that shares its end.
      this.#at++;
      return [this.#control(kind)];
    }
    this.#close('else');
    const { nodes, end } = this.#nodes();
    if (end === 'eof') throw this.#error('unexpected EOF');
    if (end === 'else') throw this.#error('expected end; found {{else}}');
    return nodes;
  }

  #define(name: string): void {
    if (this.#tokens[this.#at]?.kind === 'close') this.#close('define clause');
    this.#deeper();
    const outer = this.#variables;
    this.#variables = ['$'];
    const { nodes, end } = this.#nodes();
    if (end === 'eof') throw this.#error('unexpected EOF');
    if (end === 'else') throw this.#error('unexpected {{else}} in define clause');
    this.#variables = outer;
    this.#depth--;
    this.#defined.set(name, nodes);
  }

  #templateName(context: string): string {
    const token = this.#tokens[this.#at++];
    if (token?.kind === 'string') return token.text;
    throw this.#error(`unexpected ${describe(token)} in ${context}`);
  }

  /** A pipeline with its closing `}}`, or the part in parentheses with its `)`. */
  #pipe(context: string): Pipe {
    const { variables, assigns } = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      const command = this.#command(context);
      commands.push(command);
      const token = this.#tokens[this.#at++];
      if (token?.kind === 'sign' && token.text === '|') continue;
      const ends =
        context === 'parenthesized pipeline' ? token?.text === ')' && token.kind === 'sign' : token?.kind === 'close';
      if (ends) break;
      if (token?.kind === 'sign' && token.text === ')') throw this.#error('unexpected right paren');
      throw context === 'parenthesized pipeline'
        ? this.#error('unclosed left paren')
        : this.#error(`unexpected ${describe(token)} in ${context}`);
    }
    commands.slice(1).forEach(({ operands }, i) => {
      const [head] = operands;
      if (head!.kind === 'constant' || head!.kind === 'nil' || (head!.kind === 'dot' && head!.fields.length === 0)) {
        throw this.#error(`non executable command in pipeline stage ${i + 2}`);
      }
    });
    if (!assigns) this.#variables.push(...variables);
    return { variables, assigns, commands };
  }

  #declaration(context: string): { variables: readonly string[]; assigns: boolean } {
    const start = this.#at;
    const variables: string[] = [];
    for (;;) {
      const variable = this.#tokens[this.#at];
      if (variable?.kind !== 'variable') break;
      const sign = this.#tokens[this.#at + 1]?.text;
      this.#at += 2;
      variables.push(variable.text);
      if (sign === ',' && context === 'range' && variables.length === 1) continue;
      if (sign === ',') throw this.#error(`too many declarations in ${context}`);
      if (sign !== ':=' && sign !== '=') break;
      const unknown = sign === '=' ? variables.find((name) => !this.#variables.includes(name)) : undefined;
      if (unknown !== undefined) throw this.#error(`undefined variable "${unknown}"`);
      return { variables, assigns: sign === '=' };
    }
    this.#at = start;
    return { variables: [], assigns: false };
  }

  #command(context: string): Command {
    const operands: Operand[] = [];
    const at = this.#here();
    let end = at;
    for (;;) {
      const token = this.#tokens[this.#at];
      const ends =
        token === undefined ||
        token.kind === 'close' ||
        (token.kind === 'sign' && (token.text === '|' || token.text === ')'));
      if (ends) break;
      const operand = this.#operand(context);
      operands.push(operand);
      end = operand.end;
      const next = this.#tokens[this.#at];
      const apart = next === undefined || next.spaced || next.kind === 'close';
      if (!apart && (next.kind !== 'sign' || next.text === '.' || next.text === '(')) {
        this.#at++;
        throw this.#error(`unexpected ${next.text === '.' ? '<.>' : describe(next)} in operand`);
      }
    }
    if (operands.length > 0) return { operands, at, end };
    const token = this.#tokens[this.#at];
    throw token?.kind === 'close' || token?.kind === 'sign'
      ? this.#error(`missing value for ${context}`)
      : this.#error(`unexpected ${describe(token)} in ${context}`);
  }

  #operand(context: string): Operand {
    const token = this.#tokens[this.#at++]!;
    const { at } = token;
    switch (token.kind) {
      case 'string':
        return this.#unchained({ kind: 'constant', value: token.text, at, end: token.end });
      case 'char': {
        const text = unquoteGo(token.text);
        if (text === undefined || [...text].length !== 1)
          throw this.#error(`malformed character constant: ${token.text}`);
        return this.#unchained({ kind: 'constant', value: BigInt(text.codePointAt(0)!), at, end: token.end });
      }
      case 'number':
        return this.#unchained({ kind: 'constant', value: numberOf(token.text), at, end: token.end });
      case 'field': {
        const fields = [token.text.slice(1), ...this.#chain()];
        this.#fields.add(fields[0]!);
        return { kind: 'dot', fields, at, end: this.#ended() };
      }
      case 'variable': {
        if (!this.#variables.includes(token.text)) throw this.#error(`undefined variable "${token.text}"`);
        const fields = this.#chain();
        if (token.text === '$' && fields.length > 0) this.#fields.add(fields[0]!);
        return { kind: 'variable', name: token.text, fields, at, end: this.#ended() };
      }
      case 'word':
        return this.#named(token);
      default:
        break;
    }
    if (token.text === '.') return this.#unchained({ kind: 'dot', fields: [], at, end: token.end });
    if (token.text === '(') {
      this.#deeper();
      const pipe = this.#pipe('parenthesized pipeline');
      this.#depth--;
      return { kind: 'pipe', pipe, fields: this.#chain(), at, end: this.#ended() };
    }
    throw this.#error(`unexpected ${describe(token)} in ${context === 'command' ? 'operand' : context}`);
  }

  #named({ text, at, end }: Token): Operand {
    if (text === 'true' || text === 'false')
      return this.#unchained({ kind: 'constant', value: text === 'true', at, end });
    if (text === 'nil') return this.#unchained({ kind: 'nil', at, end });
    if (!this.#functions.has(text) && !GO_FUNCTIONS.has(text)) throw this.#error(`function "${text}" not defined`);
    const called: Operand = { kind: 'function', name: text, at, end };
    if (!this.#isChained()) return called;
    const pipe: Pipe = { variables: [], assigns: false, commands: [{ operands: [called], at, end }] };
    return { kind: 'pipe', pipe, fields: this.#chain(), at, end: this.#ended() };
  }

  /** Literals have no fields. */
  #unchained(operand: Operand): Operand {
    if (!this.#isChained()) return operand;
    const text = this.#source.slice(operand.at, operand.end);
    throw this.#error(`unexpected . after term ${JSON.stringify(text)}`);
  }

  #chain(): readonly string[] {
    const fields: string[] = [];
    while (this.#isChained()) fields.push(this.#tokens[this.#at++]!.text.slice(1));
    return fields;
  }

  #isChained(): boolean {
    const next = this.#tokens[this.#at];
    return next?.kind === 'field' && !next.spaced;
  }

  #word(): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.kind === 'word' ? token.text : undefined;
  }

  #close(context: string): void {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'close') throw this.#error(`unexpected ${describe(token)} in ${context}`);
    this.#at++;
  }

  #deeper(): void {
    if (++this.#depth > DEPTH_MAX) throw this.#error('max expression depth exceeded');
  }

  #here(): number {
    return this.#tokens[this.#at]?.at ?? this.#source.length;
  }

  #ended(): number {
    return this.#tokens[this.#at - 1]!.end;
  }

  #error(message: string): TemplateError {
    const token = this.#tokens[Math.min(Math.max(0, this.#at - 1), this.#tokens.length - 1)];
    const at = message === 'unexpected EOF' ? this.#source.length : (token?.at ?? 0);
    return lexError(this.#name, this.#source, at, message);
  }
}

function describe(token: Token | undefined): string {
  if (token === undefined) return 'EOF';
  if (token.kind === 'word') return `<${token.text}>`;
  return token.kind === 'string' ? JSON.stringify(JSON.stringify(token.text)) : JSON.stringify(token.text);
}

/** Whole numbers are ints, as in Go, which tells them from floats. */
function numberOf(text: string): Value {
  const clean = text.replaceAll('_', '');
  if (/^[+-]?(?:0[xXbBoO][0-9a-fA-F]+|\d+)$/.test(clean)) {
    const digits = clean.replace(/^[+-]/, '');
    // A leading zero means octal.
    const value = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return clean.startsWith('-') ? -value : value;
  }
  return Number(clean);
}
