/** `/format_query` and `/parse_query`: an expression as text and as a tree, without evaluating it. */
import type { FastifyInstance } from 'fastify';
import { prettyExpr } from '../promql/index.ts';
import type { Expr, VectorSelector } from '../promql/parse/ast.ts';
import { functionSignature } from '../promql/parse/signatures.ts';
import { sendData } from './envelope.ts';
import { formatSample } from './go-json.ts';
import { parseExprParameter } from './labels-routes.ts';
import { Params } from './params.ts';
import type { ApiSources } from './sources.ts';

export function addLanguageRoutes(app: FastifyInstance, sources: ApiSources): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/format_query',
    handler: async (request, reply) =>
      sendData(reply, prettyExpr(parseExprParameter(Params.of(request).text('query'), sources))),
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/parse_query',
    handler: async (request, reply) =>
      sendData(reply, exprJson(parseExprParameter(Params.of(request).text('query'), sources))),
  });
}

/** The tree in the shape of the real server's `/parse_query` (web/api/v1/translate_ast.go). */
export function exprJson(expr: Expr): unknown {
  switch (expr.type) {
    case 'number':
      return { type: 'numberLiteral', val: formatSample(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: expr.value };
    case 'vector':
      return { type: 'vectorSelector', ...selectorJson(expr) };
    case 'matrix':
      return { type: 'matrixSelector', ...selectorJson(expr.vector), range: expr.rangeMs };
    case 'subquery':
      return {
        type: 'subquery',
        expr: exprJson(expr.expr),
        range: expr.rangeMs,
        step: expr.stepMs,
        ...shiftJson(expr),
      };
    case 'paren':
      return { type: 'parenExpr', expr: exprJson(expr.expr) };
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: exprJson(expr.expr) };
    case 'call':
      return { type: 'call', func: functionJson(expr.func), args: expr.args.map(exprJson) };
    case 'aggregate':
      return {
        type: 'aggregation',
        op: expr.op,
        expr: exprJson(expr.expr),
        param: expr.param === null ? null : exprJson(expr.param),
        grouping: expr.grouping,
        without: expr.without,
      };
    case 'binary':
      return {
        type: 'binaryExpr',
        op: expr.op,
        lhs: exprJson(expr.left),
        rhs: exprJson(expr.right),
        matching:
          expr.matching === null
            ? null
            : {
                card: expr.matching.card,
                labels: expr.matching.labels,
                on: expr.matching.on,
                include: expr.matching.include,
              },
        bool: expr.returnBool,
      };
  }
}

function selectorJson(selector: VectorSelector) {
  const matchers = selector.matchers.map(({ name, op, value }) => ({ name, value, type: op }));
  return { name: selector.name, matchers, ...shiftJson(selector) };
}

function shiftJson({ offsetMs, atMs, atEdge }: Pick<VectorSelector, 'offsetMs' | 'atMs' | 'atEdge'>) {
  return { offset: offsetMs, timestamp: atMs, startOrEnd: atEdge };
}

function functionJson(name: string) {
  const signature = functionSignature(name);
  if (signature === undefined) throw new Error(`BUG: function ${name} was parsed and has no signature`);
  return { name, argTypes: signature.args, variadic: signature.variadic, returnType: signature.returns };
}
