/** Go's text/template: the language of LogQL's formats, of rules' labels and annotations, and of notifications. */
export type { ParsedTemplate } from './ast.ts';
export { escapeQuery } from './builtin-functions.ts';
export { type ExecuteOptions, executeTemplate } from './execute.ts';
export { formatGoTime, type GoTime, parseGoTime, zoneExists } from './go-time.ts';
export { type ParseOptions, parseTemplate } from './parser.ts';
export { printFormat, printValue } from './print-value.ts';
export type { Rendering, TemplateFunction } from './template-function.ts';
export { isList, isMap, isTime, TemplateError, truth, typeName, type Value } from './value.ts';
