// Tokens of the language and how error messages call them.
import { quoteGo } from '../../model/labels.ts';
import type { Span } from './ast.ts';

export type TokenKind =
  | 'end'
  | 'identifier'
  | 'metric-identifier'
  | 'string'
  | 'number'
  | 'duration'
  | 'operator'
  | 'aggregator'
  | 'keyword'
  | 'punctuation';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** As written, except that the parser compares `word`. */
  readonly text: string;
  /** Lower-case form of operators, aggregators and keywords; the text of everything else. */
  readonly word: string;
}

export const WORD_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless', 'atan2']);

export const AGGREGATORS: ReadonlySet<string> = new Set([
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

export const EXPERIMENTAL_AGGREGATORS: ReadonlySet<string> = new Set(['limitk', 'limit_ratio']);
export const PARAMETERIZED_AGGREGATORS: ReadonlySet<string> = new Set([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

export const KEYWORDS: ReadonlySet<string> = new Set([
  'offset',
  'anchored',
  'smoothed',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'fill',
  'fill_left',
  'fill_right',
  'bool',
  'start',
  'end',
  'step',
  'range',
  'min_of',
  'max_of',
]);

/** Keywords that cannot stand for a metric name. */
export const RESERVED: ReadonlySet<string> = new Set(['bool', 'on', 'ignoring', 'group_left', 'group_right', 'atan2']);

/** Words about the query's own range, and of durations; messages quote them. */
const QUOTED: ReadonlySet<string> = new Set(['start', 'end', 'step', 'range', 'min_of', 'max_of']);
/** Keywords only in front of a parenthesis. */
export const FILLS: ReadonlySet<string> = new Set(['fill', 'fill_left', 'fill_right']);

/** How "unexpected …" names a token. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of input';
    case 'identifier':
      return `identifier ${quoteGo(token.text)}`;
    case 'metric-identifier':
      return `metric identifier ${quoteGo(token.text)}`;
    case 'string':
    case 'number':
    case 'duration':
      return `${token.kind} ${token.text.length > 10 ? `${quoteGo(token.text.slice(0, 10))}...` : quoteGo(token.text)}`;
    case 'operator':
      return `<op:${token.text}>`;
    case 'aggregator':
      return `<aggr:${token.text}>`;
    case 'keyword':
      return QUOTED.has(token.word) ? quoteGo(token.text) : `<${token.text}>`;
    case 'punctuation':
      return quoteGo(token.text);
  }
}
