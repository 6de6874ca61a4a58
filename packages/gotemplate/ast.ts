/** The tree of a template. Positions are offsets in the source, from which errors tell line and column. */
import type { Value } from './value.ts';

interface OperandBase {
  readonly at: number;
  readonly end: number;
}

export type Operand = OperandBase &
  (
    | { readonly kind: 'constant'; readonly value: Value }
    | { readonly kind: 'nil' }
    | { readonly kind: 'dot'; readonly fields: readonly string[] }
    | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
    | { readonly kind: 'function'; readonly name: string }
    | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly fields: readonly string[] }
  );

/** Operands, the first being what is called. */
export interface Command {
  readonly operands: readonly Operand[];
  readonly at: number;
  readonly end: number;
}

export interface Pipe {
  /** Variables that take the result. */
  readonly variables: readonly string[];
  /** `=` instead of `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | {
      readonly kind: 'template';
      readonly name: string;
      readonly pipe: Pipe | undefined;
      readonly at: number;
      readonly end: number;
    }
  | { readonly kind: 'break' | 'continue' };

export interface ParsedTemplate {
  readonly name: string;
  readonly source: string;
  readonly nodes: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
  /** First names of all chains of fields: what the template may need of its data. */
  readonly fields: readonly string[];
}
