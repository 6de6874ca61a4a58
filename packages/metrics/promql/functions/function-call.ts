// What a function over instant vectors, scalars and strings receives.
import type { Evaluator } from '../engine/evaluator.ts';
import type { Steps, Value } from '../engine/value.ts';
import type { Call } from '../parse/ast.ts';

export interface FunctionCall {
  readonly evaluator: Evaluator;
  readonly call: Call;
  readonly steps: Steps;
}

export type InstantFunction = (call: FunctionCall) => Promise<Value> | Value;
