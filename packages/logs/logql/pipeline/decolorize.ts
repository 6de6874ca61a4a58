/** `| decolorize`: removes the escape sequences with which terminals colour text (ECMA-48 control sequences and OSC titles). */
import type { CompiledStage } from './stage.ts';

// Built from text, because linters take control characters inside a regular expression for a mistake.
const ESCAPE = '\\u001b';
const INTRODUCER = `[${ESCAPE}\\u009b]`;
const controlSequence = new RegExp(
  `${ESCAPE}\\][^\\u0007${ESCAPE}]*(?:\\u0007|${ESCAPE}\\\\)|${INTRODUCER}[[()#;?]*(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PR-TZcf-nq-uy=><~]`,
  'g',
);
const introducer = new RegExp(INTRODUCER);

export const decolorize: CompiledStage = {
  requiredLabels: [],
  process: (line) => (introducer.test(line) ? line.replace(controlSequence, '') : line),
};
