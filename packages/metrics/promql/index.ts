// The query language PromQL: parsing, printing and evaluating it over any Queryable.
export type { Annotation } from './engine/annotations.ts';
export { type EvaluationOptions, newSharedHoldings, type SharedHoldings } from './engine/context.ts';
export {
  createEngine,
  type Engine,
  type EngineOptions,
  type InstantSample,
  type MatrixSeries,
  type QueryData,
  type QueryOptions,
  type QueryResult,
} from './engine/engine.ts';
export { QueryError, type QueryErrorKind } from './engine/query-error.ts';
export { formatGoF } from './format.ts';
export type { Expr, ValueType } from './parse/ast.ts';
export { ParseError } from './parse/parse-error.ts';
export { ALL_FEATURES, DEFAULT_FEATURES, parseExpr } from './parse/parser.ts';
export type { FunctionSignature } from './parse/signatures.ts';
export type { LanguageFeatures } from './parse/token-stream.ts';
export { prettyExpr, printExpr } from './print.ts';
export { type ConformanceReport, runPromqlConformance } from './script/conformance.ts';
