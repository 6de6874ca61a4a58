/** The anatomy of a function that templates may call. */
import type { Value } from './value.ts';

export interface TemplateFunction<Context> {
  /** Fewest and most arguments. */
  readonly arity: readonly [least: number, most: number];
  /** What it throws becomes an error of the template that names the function. */
  call(values: readonly Value[], context: Context, rendering: Rendering): Value;
}

/** What a function may ask of the execution that calls it. */
export interface Rendering {
  /** What a defined template writes for the data. */
  render(name: string, data: Value): string;
}
