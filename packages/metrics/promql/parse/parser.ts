// The parser: precedence climbing over the token stream.
import { quoteGo } from '../../model/labels.ts';
import type { LabelMatcher } from '../../model/matcher.ts';
import {
  type Aggregate,
  type AggregateOperator,
  type Binary,
  type BinaryOperator,
  type Expr,
  SET_OPERATORS,
  type VectorMatching,
} from './ast.ts';
import { checkDepth } from './depth.ts';
import { Lexer } from './lexer.ts';
import { ParseError } from './parse-error.ts';
import { parseGroupingLabels, parsePostfix, parseVectorSelector, unquoteToken } from './selector-parser.ts';
import { functionSignature } from './signatures.ts';
import { EXPERIMENTAL_AGGREGATORS, PARAMETERIZED_AGGREGATORS, RESERVED } from './token.ts';
import { type LanguageFeatures, TokenStream } from './token-stream.ts';
import { checkTypes, typeOf } from './type-check.ts';

export const ALL_FEATURES: LanguageFeatures = {
  experimentalFunctions: true,
  durationExpressions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

/** What the real server has on without --enable-feature. */
export const DEFAULT_FEATURES: LanguageFeatures = {
  experimentalFunctions: false,
  durationExpressions: false,
  extendedRangeSelectors: false,
  binopFillModifiers: false,
};

const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '>': 3,
  '<': 3,
  '>=': 3,
  '<=': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '>/': 5,
  '</': 5,
  '^': 6,
};
const POWER_PRECEDENCE = 6;

/** Keywords of durations and of @ that are functions too. */
const FUNCTION_KEYWORDS: ReadonlySet<string> = new Set(['start', 'end', 'step', 'range', 'min_of', 'max_of']);

/** Parses and checks an expression; throws ParseError. */
export function parseExpr(source: string, features: LanguageFeatures = DEFAULT_FEATURES): Expr {
  const tokens = new TokenStream(new Lexer(source), features);
  if (tokens.current.kind === 'end') {
    throw new ParseError('no expression found in input', source === '' ? null : { start: 0, end: 0 }, source);
  }
  const expr = new Parser(tokens).expression(0);
  if (!tokens.isKind('end')) tokens.unexpected();
  checkDepth(expr, source);
  checkTypes(expr, source);
  return expr;
}

/** The matchers of a plain selector, as match[] parameters hold them; throws ParseError. */
export function parseMetricSelector(source: string): LabelMatcher[] {
  const tokens = new TokenStream(new Lexer(source), DEFAULT_FEATURES);
  const token = tokens.current;
  const startsWithName = token.kind !== 'punctuation' && token.kind !== 'string' && /^[a-zA-Z_:]/.test(token.text);
  if (!startsWithName && !tokens.is('{')) tokens.unexpected();
  const selector = parseVectorSelector(tokens, startsWithName ? tokens.take() : null);
  if (!tokens.isKind('end')) tokens.unexpected();
  checkTypes(selector, source);
  return [...selector.matchers];
}

class Parser {
  readonly #tokens: TokenStream;

  constructor(tokens: TokenStream) {
    this.#tokens = tokens;
  }

  expression(precedenceMin: number): Expr {
    const tokens = this.#tokens;
    tokens.enter();
    let left = this.#unary();
    for (;;) {
      const { kind, word } = tokens.current;
      const precedence = kind === 'operator' ? PRECEDENCE[word] : undefined;
      if (precedence === undefined || precedence < precedenceMin) break;
      left = this.#binary(left, word as BinaryOperator, precedence);
    }
    tokens.leave();
    return left;
  }

  #binary(left: Expr, op: BinaryOperator, precedence: number): Binary {
    const tokens = this.#tokens;
    tokens.countOperator();
    tokens.take();
    const returnBool = tokens.accept('bool');
    const matching = this.#matching(op);
    const right = this.expression(op === '^' ? precedence : precedence + 1);
    const bothVectors = typeOf(left) === 'vector' && typeOf(right) === 'vector';
    const plain = matching.labels.length === 0 && matching.card !== 'many-to-one' && matching.card !== 'one-to-many';
    const filled = matching.fillLeft !== null || matching.fillRight !== null;
    return {
      type: 'binary',
      op,
      left,
      right,
      matching: bothVectors || !plain || filled ? matching : null,
      returnBool,
      span: { start: left.span.start, end: right.span.end },
    };
  }

  #matching(op: BinaryOperator): VectorMatching {
    const tokens = this.#tokens;
    let card: VectorMatching['card'] = SET_OPERATORS.has(op) ? 'many-to-many' : 'one-to-one';
    let labels: readonly string[] = [];
    let include: readonly string[] = [];
    let on = false;
    if (tokens.is('on') || tokens.is('ignoring')) {
      on = tokens.take().word === 'on';
      labels = parseGroupingLabels(tokens);
      if (tokens.is('group_left') || tokens.is('group_right')) {
        card = tokens.take().word === 'group_left' ? 'many-to-one' : 'one-to-many';
        if (tokens.is('(')) include = parseGroupingLabels(tokens);
        else if (!this.#startsExpression()) tokens.unexpected('grouping opts', '"("');
      }
    }
    return { card, labels, on, include, ...this.#fillModifiers() };
  }

  #fillModifiers(): { fillLeft: number | null; fillRight: number | null } {
    const tokens = this.#tokens;
    let fillLeft: number | null = null;
    let fillRight: number | null = null;
    for (;;) {
      const { kind, word, start } = tokens.current;
      const isFill = kind === 'keyword' && (word === 'fill' || word === 'fill_left' || word === 'fill_right');
      // Each side is filled once; what follows then is the operand.
      const again = (word !== 'fill_right' && fillLeft !== null) || (word !== 'fill_left' && fillRight !== null);
      if (!isFill || again || tokens.peek().word !== '(') return { fillLeft, fillRight };
      tokens.take();
      tokens.take();
      const negative = tokens.is('-');
      if (negative || tokens.is('+')) tokens.take();
      const token = tokens.current;
      if (token.kind !== 'number' && token.kind !== 'duration') tokens.unexpected();
      tokens.take();
      const unsigned = tokens.numberOf(token);
      tokens.expect(')');
      if (!tokens.features.binopFillModifiers) {
        tokens.fail('binop fill modifiers are experimental and not enabled', { start, end: tokens.lastEnd });
      }
      const value = negative ? -unsigned : unsigned;
      if (word !== 'fill_right') fillLeft = value;
      if (word !== 'fill_left') fillRight = value;
    }
  }

  #unary(): Expr {
    const tokens = this.#tokens;
    if (!tokens.is('-') && !tokens.is('+')) return parsePostfix(tokens, this.#primary());
    const sign = tokens.take();
    const operand = this.expression(POWER_PRECEDENCE);
    const span = { start: sign.start, end: operand.span.end };
    if (operand.type === 'number') {
      return { ...operand, value: sign.word === '-' ? -operand.value : operand.value, span };
    }
    return { type: 'unary', op: sign.word as '+' | '-', expr: operand, span };
  }

  #primary(): Expr {
    const tokens = this.#tokens;
    const token = tokens.current;
    const span = { start: token.start, end: token.end };
    switch (token.kind) {
      case 'number':
        tokens.take();
        return { type: 'number', value: tokens.numberOf(token), isDuration: false, span };
      case 'duration':
        tokens.take();
        return { type: 'number', value: tokens.numberOf(token), isDuration: true, span };
      case 'string':
        tokens.take();
        return { type: 'string', value: unquoteToken(tokens, token), span };
      case 'punctuation':
        if (token.text === '(') return this.#paren();
        if (token.text === '{') return parseVectorSelector(tokens, null);
        return tokens.unexpected();
      case 'identifier':
        if (tokens.peek().word === '(') return this.#call();
        return parseVectorSelector(tokens, tokens.take());
      case 'metric-identifier':
        return parseVectorSelector(tokens, tokens.take());
      case 'aggregator':
        if (this.#startsAggregate()) return this.#aggregate();
        return parseVectorSelector(tokens, tokens.take());
      case 'keyword':
      case 'operator': {
        if (FUNCTION_KEYWORDS.has(token.word) && tokens.peek().word === '(') return this.#call();
        const isName = /^[a-z]/i.test(token.text) && !RESERVED.has(token.word);
        return isName ? parseVectorSelector(tokens, tokens.take()) : tokens.unexpected();
      }
      case 'end':
        return tokens.unexpected();
    }
  }

  #paren(): Expr {
    const tokens = this.#tokens;
    const start = tokens.take().start;
    const expr = this.expression(0);
    tokens.expect(')');
    return { type: 'paren', expr, span: { start, end: tokens.lastEnd } };
  }

  #call(): Expr {
    const tokens = this.#tokens;
    const name = tokens.take();
    const args = this.#callArguments();
    const func = name.text;
    const signature = functionSignature(func);
    if (signature === undefined) tokens.fail(`unknown function with name ${quoteGo(func)}`, name);
    if (signature!.experimental && !tokens.features.experimentalFunctions) {
      tokens.fail(`function ${quoteGo(func)} is not enabled`, name);
    }
    return { type: 'call', func, args, span: { start: name.start, end: tokens.lastEnd } };
  }

  #callArguments(): Expr[] {
    const tokens = this.#tokens;
    const args: Expr[] = [];
    tokens.expect('(');
    if (tokens.accept(')')) return args;
    for (;;) {
      args.push(this.expression(0));
      if (tokens.accept(')')) return args;
      const comma = tokens.expect(',');
      if (!this.#startsExpression()) tokens.fail('trailing commas not allowed in function call args', comma);
    }
  }

  #startsExpression(): boolean {
    const { kind, text, word } = this.#tokens.current;
    if (kind === 'punctuation') return text === '(' || text === '{';
    if (kind === 'operator' || kind === 'keyword')
      return /^[-+]$/.test(text) || (/^[a-z]/.test(word) && !RESERVED.has(word));
    return kind !== 'end';
  }

  /** An aggregator's name without arguments is a metric of that name. */
  #startsAggregate(): boolean {
    const next = this.#tokens.peek();
    return next.word === '(' || (next.kind === 'keyword' && (next.word === 'by' || next.word === 'without'));
  }

  #aggregate(): Aggregate {
    const tokens = this.#tokens;
    const name = tokens.take();
    const op = name.word as AggregateOperator;
    let grouping: { grouping: string[]; without: boolean } | null = this.#aggregateModifier();
    if (!tokens.is('(')) tokens.unexpected('aggregation');
    const args = tokens.inAggregation(() => this.#callArguments());
    grouping ??= this.#aggregateModifier();
    const span = { start: name.start, end: tokens.lastEnd };
    if (args.length === 0) tokens.fail('no arguments for aggregate expression provided', span);
    if (EXPERIMENTAL_AGGREGATORS.has(op) && !tokens.features.experimentalFunctions) {
      const flag = '--enable-feature=promql-experimental-functions';
      tokens.fail(`${op}() is experimental and must be enabled with ${flag}`, span);
    }
    const wanted = PARAMETERIZED_AGGREGATORS.has(op) ? 2 : 1;
    if (args.length !== wanted) {
      const detail = `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`;
      tokens.fail(detail, span);
    }
    return {
      type: 'aggregate',
      op,
      expr: args[wanted - 1]!,
      param: wanted === 2 ? args[0]! : null,
      grouping: grouping?.grouping ?? [],
      without: grouping?.without ?? false,
      span,
    };
  }

  #aggregateModifier(): { grouping: string[]; without: boolean } | null {
    const tokens = this.#tokens;
    if (!tokens.is('by') && !tokens.is('without')) return null;
    const without = tokens.take().word === 'without';
    return { grouping: parseGroupingLabels(tokens), without };
  }
}
