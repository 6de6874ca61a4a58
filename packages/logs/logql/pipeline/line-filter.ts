/** `|= "text"`, `!~ "regex"`, `|> "<_> pattern"`, `|= ip("10.0.0.0/8")`, and alternatives with `or`. */
import type { LineFilterOperand, LineFilterOperator } from '../ast.ts';
import { compileSearch } from '../regex.ts';
import { compileIpFilter } from './ip-filter.ts';
import { compileLinePattern } from './line-pattern.ts';
import type { CompiledStage } from './stage.ts';

export function compileLineFilter(operator: LineFilterOperator, operands: readonly LineFilterOperand[]): CompiledStage {
  const tests = operands.map((operand) => compileOperand(operator, operand));
  const [first] = tests;
  const found = tests.length === 1 ? first! : (line: string): boolean => tests.some((test) => test(line));
  // Alternatives of a negated filter are what must not be there, none of them.
  const wanted = !operator.startsWith('!');
  const testsLine = wanted ? found : (line: string): boolean => !found(line);
  return { requiredLabels: [], testsLine, process: (line) => (testsLine(line) ? line : undefined) };
}

function compileOperand(operator: LineFilterOperator, operand: LineFilterOperand): (line: string) => boolean {
  if (operand.ip) {
    if (operator !== '|=' && operator !== '!=') throw new Error('ip: invalid operation');
    return compileIpFilter(operand.text);
  }
  const { text } = operand;
  switch (operator) {
    case '|=':
    case '!=':
      return (line) => line.includes(text);
    case '|~':
    case '!~':
      return compileSearch(text);
    case '|>':
    case '!>':
      return compileLinePattern(text);
  }
}
