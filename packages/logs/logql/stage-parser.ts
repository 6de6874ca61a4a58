/** Reads the stages of a pipeline: line filters, parsers, label filters, formats. */
import type {
  LabelExtraction,
  LabelFormat,
  LineFilterOperand,
  LineFilterOperator,
  NamedMatcher,
  Stage,
} from './ast.ts';
import { parseLabelFilter, parseMatcher } from './label-filter-parser.ts';
import { compileStage } from './pipeline/compile-stage.ts';
import { ParseError } from './query-error.ts';
import type { TokenStream } from './token-stream.ts';

/** More stages than anybody writes; each costs time for every line. */
const STAGE_COUNT_MAX = 256;

const lineFilterOperators: ReadonlySet<string> = new Set(['|=', '!=', '|~', '!~', '|>', '!>']);

const comparisons: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~', '==', '>', '>=', '<', '<=']);

/** Reads stages until something else comes, which includes `| unwrap`. */
export function parseStages(tokens: TokenStream): readonly Stage[] {
  const stages: Stage[] = [];
  for (;;) {
    const stage = parseStage(tokens);
    if (stage === undefined) return stages;
    if (stages.length === STAGE_COUNT_MAX) throw new ParseError(`more than ${STAGE_COUNT_MAX} pipeline stages`);
    check(stage);
    stages.push(stage);
  }
}

/** What a stage refuses (a bad regex, template or expression) is refused when the query is read. */
function check(stage: Stage): void {
  try {
    compileStage(stage);
  } catch (error) {
    if (error instanceof ParseError) throw error;
    throw new ParseError(error instanceof Error ? error.message : String(error));
  }
}

function parseStage(tokens: TokenStream): Stage | undefined {
  if (lineFilterOperators.has(tokens.kind)) return parseLineFilter(tokens);
  if (tokens.kind !== '|' || tokens.peekKind(1) === 'unwrap') return undefined;
  tokens.next();
  const kind = tokens.peekKind(0);
  switch (kind) {
    case 'json':
      tokens.next();
      return { kind: 'json', extractions: parseExtractions(tokens) };
    case 'logfmt':
      return parseLogfmt(tokens);
    case 'regexp':
    case 'pattern':
      tokens.next();
      return { kind, pattern: tokens.expect('STRING').text };
    case 'unpack':
      tokens.next();
      return { kind: 'unpack' };
    case 'line_format':
      tokens.next();
      return { kind: 'lineFormat', template: tokens.expect('STRING').text };
    case 'label_format':
      tokens.next();
      return { kind: 'labelFormat', formats: parseList(tokens, parseLabelFormat) };
    case 'decolorize':
      tokens.next();
      return { kind: 'decolorize' };
    case 'drop':
    case 'keep':
      tokens.next();
      return { kind, labels: parseList(tokens, parseNamedMatcher) };
    case 'IDENTIFIER':
      if (tokens.current.text === 'xml' && !comparisons.has(tokens.peekKind(1))) {
        throw new ParseError('the xml parser is not supported: use json, logfmt, pattern or regexp');
      }
      return { kind: 'labelFilter', filter: parseLabelFilter(tokens) };
    case '(':
      return { kind: 'labelFilter', filter: parseLabelFilter(tokens) };
    default:
      throw tokens.unexpected();
  }
}

function parseLineFilter(tokens: TokenStream): Stage {
  const operator = tokens.next().kind as LineFilterOperator;
  const operands: LineFilterOperand[] = [parseOperand(tokens)];
  while (tokens.accept('or') !== undefined) operands.push(parseOperand(tokens));
  return { kind: 'lineFilter', operator, operands };
}

function parseOperand(tokens: TokenStream): LineFilterOperand {
  if (tokens.accept('ip') === undefined) return { ip: false, text: tokens.expect('STRING', 'ip').text };
  tokens.expect('(');
  const text = tokens.expect('STRING').text;
  tokens.expect(')');
  return { ip: true, text };
}

function parseLogfmt(tokens: TokenStream): Stage {
  tokens.next();
  let strict = false;
  let keepEmpty = false;
  for (let flag = tokens.accept('FLAG'); flag !== undefined; flag = tokens.accept('FLAG')) {
    if (flag.text === '--strict') strict = true;
    else keepEmpty = true;
  }
  return { kind: 'logfmt', strict, keepEmpty, extractions: parseExtractions(tokens) };
}

function parseExtractions(tokens: TokenStream): readonly LabelExtraction[] {
  return tokens.kind === 'IDENTIFIER' ? parseList(tokens, parseExtraction) : [];
}

function parseExtraction(tokens: TokenStream): LabelExtraction {
  const name = tokens.expect('IDENTIFIER').text;
  return { name, expression: tokens.accept('=') === undefined ? name : tokens.expect('STRING').text };
}

function parseLabelFormat(tokens: TokenStream): LabelFormat {
  const name = tokens.expect('IDENTIFIER').text;
  tokens.expect('=');
  const value = tokens.expect('IDENTIFIER', 'STRING');
  return { name, kind: value.kind === 'STRING' ? 'template' : 'rename', value: value.text };
}

function parseNamedMatcher(tokens: TokenStream): NamedMatcher {
  const operator = tokens.peekKind(1);
  const matches = operator === '=' || operator === '!=' || operator === '=~' || operator === '!~';
  // `keep a != "text"` is a matcher only when it stands on a name; a lone name followed by a line filter is the name.
  return tokens.kind === 'IDENTIFIER' && matches ? parseMatcher(tokens) : tokens.expect('IDENTIFIER').text;
}

function parseList<T>(tokens: TokenStream, parseOne: (tokens: TokenStream) => T): readonly T[] {
  const list = [parseOne(tokens)];
  while (tokens.accept(',') !== undefined) list.push(parseOne(tokens));
  return list;
}
