/** Reads LogQL: selectors and pipelines, range and vector aggregations, binary operations. The grammar is that of Loki 3. */
import {
  type BinaryOperator,
  type Conversion,
  type Expression,
  type Grouping,
  isSetOperator,
  type LabelFilter,
  type LogRange,
  type LogSelector,
  type Matcher,
  type Metric,
  oneToOne,
  type RangeOperator,
  rangeOperators,
  type Unwrap,
  type Variants,
  type VectorMatching,
  type VectorOperator,
  vectorOperators,
} from './ast.ts';
import { foldLiterals } from './fold-literals.ts';
import { formatSample, parseGoFloat } from './go-number.ts';
import { parseLabelFilter, parseMatcher, parseNumber, parseSignedNumber } from './label-filter-parser.ts';
import { tokenize } from './lexer.ts';
import { compileLabelFilter } from './pipeline/label-filter.ts';
import { ParseError } from './query-error.ts';
import { checkRegex, compileMatcher } from './regex.ts';
import { parseStages } from './stage-parser.ts';
import { TokenStream } from './token-stream.ts';
import { checkRangeAggregation } from './validation.ts';

/** Deeper nesting than anybody writes, well below what the stack takes. */
const NESTING_DEPTH_MAX = 100;
/** A chain of operators is as deep a tree as it is long: 3,000 broke the stack. */
const OPERATORS_MAX = 1_500;

const precedence: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  '^': 6,
};

const isRangeOperator = (kind: string): kind is RangeOperator => (rangeOperators as readonly string[]).includes(kind);
const isVectorOperator = (kind: string): kind is VectorOperator =>
  (vectorOperators as readonly string[]).includes(kind);

/** Reads and validates a query. Throws a ParseError with Loki's texts. */
export function parseLogql(query: string): Expression {
  const parser = new Parser(query);
  const expression = parser.root();
  if (expression.kind === 'logSelector') checkSelector(expression.matchers);
  return expression;
}

/** Reads a query that must be a selector with or without stages. */
export function parseLogSelector(query: string): LogSelector {
  const expression = parseLogql(query);
  if (expression.kind !== 'logSelector') throw new ParseError('only log selector is supported');
  return expression;
}

/** Reads the matchers of a `match[]` parameter or a stream's own labels: nothing but a selector, which may be `{}`. */
export function parseMatchers(text: string): readonly Matcher[] {
  const parser = new Parser(text);
  const { matchers, stages } = parser.selectorOnly();
  if (stages.length > 0) throw new ParseError('only label matchers is supported');
  return matchers;
}

/** A selector that every stream could match would read everything. */
export function checkSelector(matchers: readonly Matcher[]): void {
  if (matchers.some((matcher) => !compileMatcher(matcher)(''))) return;
  throw new ParseError(
    'queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
  );
}

class Parser {
  readonly #tokens: TokenStream;
  #depth = 0;
  #operators = 0;

  constructor(query: string) {
    this.#tokens = new TokenStream(tokenize(query));
  }

  root(): Expression {
    const expression = this.#tokens.kind === 'variants' ? this.#variants() : this.#expression(1);
    this.#tokens.expect('$end');
    return expression;
  }

  selectorOnly(): LogSelector {
    const selector = this.#logSelector();
    this.#tokens.expect('$end');
    return selector;
  }

  #expression(lowest: number): LogSelector | Metric {
    return this.#nested(() => {
      let left = this.#primary();
      for (;;) {
        const operator = this.#tokens.kind as BinaryOperator;
        const level = precedence[operator];
        if (level === undefined || level < lowest) return left;
        const place = this.#tokens.next();
        const { bool, matching } = this.#modifier();
        // The power operator binds to the right, all others to the left.
        const right = this.#expression(operator === '^' ? level : level + 1);
        if (left.kind === 'logSelector' || right.kind === 'logSelector') {
          const side = left.kind === 'logSelector' ? 'left' : 'right';
          throw new ParseError(
            `unexpected type for ${side} leg of binary operation (${operator}): a log query where a metric query must stand`,
            place.line,
            place.column,
          );
        }
        left = this.#binary(operator, left, right, bool, matching);
      }
    });
  }

  #binary(operator: BinaryOperator, left: Metric, right: Metric, bool: boolean, matching: VectorMatching): Metric {
    if (++this.#operators > OPERATORS_MAX)
      throw new ParseError(`query has more than ${OPERATORS_MAX} binary operators`);
    if (isSetOperator(operator)) {
      for (const [side, leg] of [
        ['left', left],
        ['right', right],
      ] as const) {
        if (leg.kind !== 'literal') continue;
        throw new ParseError(
          `unexpected literal for ${side} leg of logical/set binary operation (${operator}): ${leg.value.toFixed(6)}`,
        );
      }
    }
    const folded = foldLiterals(operator, left, right);
    return folded ?? { kind: 'binary', operator, left, right, bool, matching };
  }

  #primary(): LogSelector | Metric {
    const { kind } = this.#tokens;
    if (kind === '(') {
      this.#tokens.next();
      const inner = this.#expression(1);
      this.#tokens.expect(')');
      return inner;
    }
    if (kind === '{') return this.#logSelector();
    if (kind === 'NUMBER' || kind === '+' || kind === '-') {
      return { kind: 'literal', value: parseSignedNumber(this.#tokens) };
    }
    return this.#metric();
  }

  #metric(): Metric {
    const { kind } = this.#tokens;
    if (isRangeOperator(kind)) return this.#rangeAggregation(kind);
    if (isVectorOperator(kind)) return this.#vectorAggregation(kind);
    if (kind === 'vector') return this.#vector();
    if (kind === 'label_replace') return this.#labelReplace();
    throw this.#tokens.unexpected();
  }

  #metricExpression(): Metric {
    const place = this.#tokens.current;
    const expression = this.#expression(1);
    if (expression.kind === 'logSelector') {
      throw new ParseError('syntax error: a log query stands where a metric query must', place.line, place.column);
    }
    return expression;
  }

  #vector(): Metric {
    this.#tokens.next();
    this.#tokens.expect('(');
    const value = parseGoFloat(this.#tokens.expect('NUMBER').text);
    this.#tokens.expect(')');
    if ('error' in value) throw new ParseError(`unable to parse vectorExpr as a float: ${value.error}`);
    return { kind: 'vector', value: value.value };
  }

  #labelReplace(): Metric {
    this.#tokens.next();
    this.#tokens.expect('(');
    const inner = this.#metricExpression();
    const texts: string[] = [];
    for (let i = 0; i < 4; i++) {
      this.#tokens.expect(',');
      texts.push(this.#tokens.expect('STRING').text);
    }
    this.#tokens.expect(')');
    const [destination, replacement, source, regex] = texts as [string, string, string, string];
    const error = checkRegex(regex);
    if (error !== undefined) throw new ParseError(`invalid regex in label_replace: ${error}`);
    return { kind: 'labelReplace', inner, destination, replacement, source, regex };
  }

  #rangeAggregation(operator: RangeOperator): Metric {
    this.#tokens.next();
    this.#tokens.expect('(');
    let parameter: number | undefined;
    if (this.#tokens.kind === 'NUMBER') {
      const text = this.#tokens.next().text;
      if (operator !== 'quantile_over_time') {
        throw new ParseError(`parameter ${text} not supported for operation ${operator}`);
      }
      const number = parseGoFloat(text);
      if ('error' in number) throw new ParseError(`invalid parameter for operation ${operator}: ${number.error}`);
      parameter = number.value;
      this.#tokens.expect(',');
    } else if (operator === 'quantile_over_time' && (this.#tokens.kind === '-' || this.#tokens.kind === '+')) {
      throw this.#tokens.unexpected('NUMBER', '{', '(');
    }
    const range = this.#logRange();
    this.#tokens.expect(')');
    const grouping = this.#grouping();
    checkRangeAggregation(operator, range, grouping, parameter);
    return { kind: 'rangeAggregation', operator, range, grouping, parameter };
  }

  #vectorAggregation(operator: VectorOperator): Metric {
    this.#tokens.next();
    let grouping = this.#grouping();
    this.#tokens.expect('(');
    let parameter: string | undefined;
    if (this.#tokens.kind === 'NUMBER' && this.#tokens.peekKind(1) === ',') {
      parameter = this.#tokens.next().text;
      this.#tokens.next();
    }
    const inner = this.#metricExpression();
    this.#tokens.expect(')');
    grouping ??= this.#grouping();
    return {
      kind: 'vectorAggregation',
      operator,
      inner,
      grouping: grouping ?? { without: false, labels: [] },
      parameter: checkVectorParameter(operator, parameter, grouping),
    };
  }

  #grouping(): Grouping | undefined {
    const { kind } = this.#tokens;
    if (kind !== 'by' && kind !== 'without') return undefined;
    this.#tokens.next();
    return { without: kind === 'without', labels: this.#labels() };
  }

  #labels(): readonly string[] {
    this.#tokens.expect('(');
    const labels: string[] = [];
    if (this.#tokens.accept(')') !== undefined) return labels;
    labels.push(this.#tokens.expect('IDENTIFIER', ')').text);
    while (this.#tokens.accept(',') !== undefined) labels.push(this.#tokens.expect('IDENTIFIER').text);
    this.#tokens.expect(',', ')');
    return labels;
  }

  #modifier(): { readonly bool: boolean; readonly matching: VectorMatching } {
    const bool = this.#tokens.accept('bool') !== undefined;
    const { kind } = this.#tokens;
    if (kind !== 'on' && kind !== 'ignoring') return { bool, matching: oneToOne };
    this.#tokens.next();
    const base = { on: kind === 'on', labels: this.#labels() };
    const side = this.#tokens.kind;
    if (side !== 'group_left' && side !== 'group_right') {
      return { bool, matching: { ...base, cardinality: 'one-to-one', include: [] } };
    }
    this.#tokens.next();
    // `group_left (` may begin its labels or the right operand: labels are identifiers, or nothing, up to the parenthesis.
    const next = this.#tokens.peekKind(1);
    const include = this.#tokens.kind === '(' && (next === 'IDENTIFIER' || next === ')') ? this.#labels() : [];
    return {
      bool,
      matching: { ...base, cardinality: side === 'group_left' ? 'many-to-one' : 'one-to-many', include },
    };
  }

  #variants(): Variants {
    this.#tokens.next();
    this.#tokens.expect('(');
    const metrics = [this.#metricExpression()];
    while (this.#tokens.accept(',') !== undefined) metrics.push(this.#metricExpression());
    this.#tokens.expect(')');
    this.#tokens.expect('of');
    this.#tokens.expect('(');
    const of = this.#logRange();
    this.#tokens.expect(')');
    return { kind: 'variants', metrics, of };
  }

  /** `{…} | stages [5m] offset 1m`, where the range may also stand before the stages, and parentheses around any part. */
  #logRange(): LogRange {
    return this.#nested(() => {
      if (this.#tokens.accept('(') !== undefined) {
        const inner = this.#rangeParts();
        this.#tokens.expect(')');
        if (inner.range !== undefined) return finishRange(inner, this.#tokens);
        inner.range = this.#tokens.expect('RANGE').value;
        inner.offset = this.#offset();
        this.#tailStages(inner);
        return finishRange(inner, this.#tokens);
      }
      if (this.#tokens.kind !== '{') throw this.#tokens.unexpected('{', '(');
      return finishRange(this.#rangeParts(), this.#tokens);
    });
  }

  #rangeParts(): RangeParts {
    if (this.#tokens.kind === '(') {
      const nested = this.#logRange();
      return { selector: nested.selector, range: nested.rangeNs, offset: nested.offsetNs, unwrap: nested.unwrap };
    }
    const parts: RangeParts = {
      selector: this.#logSelector(),
      range: undefined,
      offset: undefined,
      unwrap: this.#unwrap(),
    };
    const range = this.#tokens.accept('RANGE');
    if (range === undefined) return parts;
    parts.range = range.value;
    parts.offset = this.#offset();
    this.#tailStages(parts);
    return parts;
  }

  /** Stages and unwrap behind the range, where none stood before it. */
  #tailStages(parts: RangeParts): void {
    if (parts.selector.stages.length === 0 && parts.unwrap === undefined) {
      parts.selector = { ...parts.selector, stages: parseStages(this.#tokens) };
      parts.unwrap = this.#unwrap();
    }
  }

  #offset(): number | undefined {
    return this.#tokens.accept('offset') === undefined ? undefined : this.#tokens.expect('DURATION').value;
  }

  #unwrap(): Unwrap | undefined {
    if (this.#tokens.kind !== '|' || this.#tokens.peekKind(1) !== 'unwrap') return undefined;
    this.#tokens.next();
    this.#tokens.next();
    const kind = this.#tokens.peekKind(0);
    let name: string;
    let conversion: Conversion | undefined;
    if (kind === 'bytes' || kind === 'duration' || kind === 'duration_seconds') {
      conversion = kind;
      this.#tokens.next();
      this.#tokens.expect('(');
      name = this.#tokens.expect('IDENTIFIER').text;
      this.#tokens.expect(')');
    } else {
      name = this.#tokens.expect('IDENTIFIER', 'bytes', 'duration', 'duration_seconds').text;
    }
    const filters: LabelFilter[] = [];
    while (this.#tokens.accept('|') !== undefined) {
      const filter = parseLabelFilter(this.#tokens);
      compileLabelFilter(filter);
      filters.push(filter);
    }
    return { name, conversion, filters };
  }

  #logSelector(): LogSelector {
    this.#tokens.expect('{');
    const matchers: Matcher[] = [];
    if (this.#tokens.accept('}') === undefined) {
      if (this.#tokens.kind !== 'IDENTIFIER') throw this.#tokens.unexpected('IDENTIFIER', '}');
      matchers.push(parseMatcher(this.#tokens));
      while (this.#tokens.accept(',') !== undefined) matchers.push(parseMatcher(this.#tokens));
      this.#tokens.expect(',', '}');
    }
    return { kind: 'logSelector', matchers, stages: parseStages(this.#tokens) };
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > NESTING_DEPTH_MAX) throw new ParseError('query is nested too deeply');
    const result = parse();
    this.#depth--;
    return result;
  }
}

interface RangeParts {
  selector: LogSelector;
  range: number | undefined;
  offset: number | undefined;
  unwrap: Unwrap | undefined;
}

function finishRange(parts: RangeParts, tokens: TokenStream): LogRange {
  if (parts.range === undefined) throw tokens.unexpected('RANGE');
  checkSelector(parts.selector.matchers);
  return { selector: parts.selector, rangeNs: parts.range, offsetNs: parts.offset ?? 0, unwrap: parts.unwrap };
}

function checkVectorParameter(
  operator: VectorOperator,
  text: string | undefined,
  grouping: Grouping | undefined,
): number | undefined {
  const takesCount = operator === 'topk' || operator === 'bottomk' || operator === 'approx_topk';
  if (!takesCount) {
    if (text !== undefined) throw new ParseError(`unsupported parameter for operation ${operator}(${text},`);
    if ((operator === 'sort' || operator === 'sort_desc') && grouping !== undefined && grouping.labels.length > 0) {
      throw new ParseError("sort and sort_desc doesn't allow grouping by ");
    }
    return undefined;
  }
  if (text === undefined) throw new ParseError(`parameter required for operation ${operator}`);
  if (!/^\d+$/.test(text)) {
    throw new ParseError(`invalid parameter ${operator}(${text},`);
  }
  const count = parseNumber(text);
  if (count <= 0) throw new ParseError(`invalid parameter (must be greater than 0) ${operator}(${formatSample(count)}`);
  if (operator === 'approx_topk' && grouping !== undefined) {
    throw new ParseError('grouping not allowed for approx_topk aggregation');
  }
  return count;
}
