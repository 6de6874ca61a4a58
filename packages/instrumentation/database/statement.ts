/**
 * What can be said of an SQL statement without parsing it in full: the operation, the tables, a summary and the text
 * without values (semantic conventions, "Database client spans").
 */

export interface Statement {
  /** First keyword: SELECT, INSERT, UPDATE, DELETE, CREATE, BEGIN, … */
  readonly operation: string;
  /** The table, when there is exactly one. */
  readonly collection: string | undefined;
  /** Operation and tables: `SELECT orders customers`. Few values; the span's name. */
  readonly summary: string;
  /** The statement with its string literals masked. */
  readonly text: string;
}

/** Statements of an application are few; lists of placeholders multiply them, so the cache is emptied when full. */
const STATEMENTS_MAX = 1_000;
/** Longer texts are cut: a statement is read by people. */
const TEXT_CHARS_MAX = 2_000;
const TABLES_IN_SUMMARY_MAX = 3;

const known = new Map<string, Statement>();

export function statementOf(sql: string): Statement {
  let statement = known.get(sql);
  if (statement === undefined) {
    if (known.size >= STATEMENTS_MAX) known.clear();
    statement = describe(sql);
    known.set(sql, statement);
  }
  return statement;
}

function describe(sql: string): Statement {
  const text = sql.slice(0, TEXT_CHARS_MAX).replaceAll(/'(?:[^']|'')*'?/g, '?');
  const words = text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').trim();
  const first = /^[a-z]+/i.exec(words)?.[0].toUpperCase() ?? 'SQL';
  // A common table expression is named after the statement that it serves.
  const operation =
    first === 'WITH' ? (/\)\s*(select|insert|update|delete)\b/i.exec(words)?.[1] ?? first).toUpperCase() : first;
  const tables = tablesOf(words);
  return {
    operation,
    collection: tables.length === 1 ? tables[0] : undefined,
    summary: [operation, ...tables.slice(0, TABLES_IN_SUMMARY_MAX)].join(' '),
    text,
  };
}

/** Names after FROM, JOIN, INTO, UPDATE and TABLE, quoted in any dialect's way; each once, in order. */
function tablesOf(words: string): string[] {
  const tables = new Set<string>();
  const target =
    /\b(?:from|join|into|update|table(?:\s+if\s+(?:not\s+)?exists)?)\s+(?:only\s+)?((?:["`[]?[a-z_][\w$]*["`\]]?\.)?["`[]?[a-z_][\w$]*["`\]]?)/gi;
  for (const [, name = ''] of words.matchAll(target)) {
    const plain = name.replaceAll(/["`[\]]/g, '');
    // `ON CONFLICT … DO UPDATE SET` and `FOR UPDATE OF` are no tables.
    if (!/^(set|of|select|values|nowait|skip)$/i.test(plain)) tables.add(plain);
  }
  return [...tables];
}
