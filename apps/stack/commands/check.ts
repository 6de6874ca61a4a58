/** `mario check FILE…`: what the real tools would refuse, and what the embedded engines do not use or cannot run. */
import { formatIssue } from '@mario/service';
import { checkFiles } from '../check/check-files.ts';
import { type Command, CommandFailure } from '../command.ts';

export const command: Command = {
  operands: 'FILE…',
  options: [
    [
      'FILE',
      'Collector, Prometheus, rule, Alertmanager, Loki or Tempo YAML, or a dashboard; several Collector files are laid over each other',
    ],
    ['--rules-test', 'the files are unit tests of rules, in the format of promtool test rules'],
  ],

  async run(args) {
    const files = args.filter((arg) => !arg.startsWith('-'));
    if (files.length === 0) throw new CommandFailure('needs at least one file', 2);
    if (args.includes('--rules-test')) return testRules(files);
    let failed = false;
    for (const { files: checked, kind, issues, unsupported } of await checkFiles(files)) {
      const errors = issues.filter(({ severity }) => severity === 'error');
      failed ||= errors.length > 0;
      for (const issue of issues) process.stdout.write(`${issue.severity}: ${formatIssue(issue)}\n`);
      for (const place of unsupported) process.stdout.write(`not in the embedded engine: ${formatIssue(place)}\n`);
      const verdict = errors.length > 0 ? 'invalid' : unsupported.length > 0 ? 'valid, for the real tool' : 'valid';
      process.stdout.write(`${checked.join(' ')}: ${kind}, ${verdict}\n`);
    }
    return failed ? 1 : 0;
  },
};

async function testRules(files: readonly string[]): Promise<number> {
  const { runRuleTests } = await import('@mario/metrics');
  let failed = 0;
  for (const file of files) {
    const report = await runRuleTests(file);
    for (const { case: name, expected, actual } of report.failures) {
      process.stdout.write(`FAILED: ${name}\n  expected: ${expected}\n  got: ${actual}\n`);
    }
    process.stdout.write(`${file}: ${report.passed} passed, ${report.failed} failed\n`);
    failed += report.failed;
  }
  return failed > 0 ? 1 : 0;
}
