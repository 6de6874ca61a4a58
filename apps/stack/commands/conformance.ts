/** `mario conformance SUITE PATH`: runs declarative cases through the code that serves real requests. */
import { parseArgs } from 'node:util';
import { type Command, CommandFailure } from '../command.ts';
import { type ConformanceReport, SUITES } from '../conformance/suites.ts';

/** Failures printed for people; `--json` has all of them. */
const FAILURES_SHOWN_MAX = 20;

export const command: Command = {
  operands: 'SUITE PATH',
  options: [
    ['SUITE', Object.keys(SUITES).join(', ')],
    ['--json', 'one JSON object: passed, failed, skipped, failures'],
  ],

  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [name, path] = positionals;
    const suite = name === undefined ? undefined : SUITES[name];
    if (suite === undefined || path === undefined) {
      throw new CommandFailure(`needs a suite (${Object.keys(SUITES).join(', ')}) and a path`, 2);
    }
    const report = await suite(path);
    process.stdout.write(values.json === true ? JSON.stringify(report) + '\n' : formatReport(report));
    return report.failed > 0 ? 1 : 0;
  },
};

function formatReport({ passed, failed, skipped, failures }: ConformanceReport): string {
  const shown = failures.slice(0, FAILURES_SHOWN_MAX);
  const lines = shown.map((f) => `${f.case}\n  expected: ${text(f.expected)}\n  actual:   ${text(f.actual)}\n`);
  if (failures.length > shown.length) lines.push(`and ${failures.length - shown.length} more (--json lists all)\n`);
  return `${lines.join('')}${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
