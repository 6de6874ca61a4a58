/** Remote-read requests (prometheus.ReadRequest): which series somebody wants, and how the answer may look. */
import type { LabelMatcher, MatchOperator } from '../model/matcher.ts';
import { WireError, WireReader } from './wire-reader.ts';

export interface ReadQuery {
  /** Both ends inclusive. */
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly LabelMatcher[];
  /** What the values are for; "series" says that none are wanted. */
  readonly func: string;
}

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  /** Numbers of the protocol's ResponseType, the most wanted first; none from old clients. */
  readonly acceptedTypes: readonly number[];
}

/** By the protocol's LabelMatcher.Type. */
const OPERATORS: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];

/** A server sends one query a request; each of more keeps memory while the others are read. */
const QUERIES_MAX = 1_000;

/** A matcher of a kind that is not known; the real server answers 500 where it answers 400 to other nonsense. */
export class MatcherTypeError extends Error {
  override readonly name = 'MatcherTypeError';
}

/** Throws WireError and MatcherTypeError. */
export function readReadRequest(bytes: Uint8Array): ReadRequest {
  const reader = new WireReader(bytes);
  const queries: ReadQuery[] = [];
  const acceptedTypes: number[] = [];
  while (reader.next()) {
    if (reader.field === 1) queries.push(readQuery(reader.message()));
    else if (reader.field === 2) reader.repeated((inner) => inner.varint(), acceptedTypes);
    else reader.skip();
    if (queries.length > QUERIES_MAX) throw new WireError(`more than ${QUERIES_MAX} queries in one request`);
  }
  return { queries, acceptedTypes };
}

function readQuery(reader: WireReader): ReadQuery {
  const matchers: LabelMatcher[] = [];
  let startMs = 0;
  let endMs = 0;
  let func = '';
  while (reader.next()) {
    if (reader.field === 1) startMs = reader.int64();
    else if (reader.field === 2) endMs = reader.int64();
    else if (reader.field === 3) matchers.push(readMatcher(reader.message()));
    else if (reader.field === 4) func = readHints(reader.message());
    else reader.skip();
  }
  return { startMs, endMs, matchers, func };
}

function readMatcher(reader: WireReader): LabelMatcher {
  let type = 0;
  let name = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) type = reader.varint();
    else if (reader.field === 2) name = reader.text();
    else if (reader.field === 3) value = reader.text();
    else reader.skip();
  }
  const op = OPERATORS[type];
  if (op === undefined) throw new MatcherTypeError('invalid matcher type');
  return { name, op, value };
}

/** Of the hints only the function is of use: the others tell what the range of the query tells too. */
function readHints(reader: WireReader): string {
  let func = '';
  while (reader.next()) {
    if (reader.field === 2) func = reader.text();
    else reader.skip();
  }
  return func;
}
