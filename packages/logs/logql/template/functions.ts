/** All functions of templates by name. */
import { builtinFunctions } from './builtin-functions.ts';
import { mathFunctions } from './math-functions.ts';
import { stringFunctions } from './string-functions.ts';
import type { TemplateFunction } from './template-function.ts';
import { timeFunctions } from './time-functions.ts';

export const templateFunctions: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({ ...builtinFunctions, ...stringFunctions, ...mathFunctions, ...timeFunctions }),
);
