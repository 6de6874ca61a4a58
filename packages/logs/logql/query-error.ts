/** What is wrong with a query, as told to whoever asked. All but one of them are the asker's: status 400. */

export class QueryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QueryError';
  }
}

/** The query cannot be read. Without a place the message is about the expression as a whole, as Loki writes it. */
export class ParseError extends QueryError {
  readonly line: number;
  readonly column: number;

  constructor(message: string, line = 0, column = 0) {
    super(line === 0 ? `parse error : ${message}` : `parse error at line ${line}, col ${column}: ${message}`);
    this.name = 'ParseError';
    this.line = line;
    this.column = column;
  }
}

/** A named limit of the engine was met. */
export class LimitError extends QueryError {
  constructor(message: string) {
    super(message);
    this.name = 'LimitError';
  }
}

/** Series of two sides that do not match one to one; Loki answers 500, though it is the asker's to mend. */
export class MatchingError extends QueryError {
  constructor(message: string) {
    super(message);
    this.name = 'MatchingError';
  }
}
