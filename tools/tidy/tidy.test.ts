import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkArrows } from './arrows.ts';
import { formatErrorsPage } from './errors.ts';
import { checkFiles } from './files.ts';
import { checkLinks } from './links.ts';

function tree(files: Readonly<Record<string, string>>) {
  return [Object.keys(files), (path: string) => files[path]!] as const;
}

test('a signal package that imports another is found, the floor is not', () => {
  const findings = checkArrows(
    ...tree({
      'packages/metrics/store/head.ts': "import { a } from '@mario/logs';\nimport { b } from '@mario/storage';",
      'packages/traces/api/x.ts': "import { c } from '../../logs/index.ts';",
      'packages/logs/x.test.ts': "import { startStack } from '@mario/testkit';",
    }),
  );
  assert.equal(findings.length, 2);
  assert.match(findings[0]!, /metrics must not import @mario\/logs/);
  assert.match(findings[1]!, /reaches into another package/);
});

test('names that say nothing, wrong case, long files and missing first sentences are found', () => {
  const findings = checkFiles(
    ...tree({
      'packages/a/utils.ts': '/** A. */',
      'packages/a/camelCase.ts': '/** A. */',
      'packages/a/long.ts': '/** A. */\n'.repeat(600),
      'packages/a/bare.ts': 'export const a = 1;',
      'packages/a/good-name.ts': '/** A. */',
    }),
  );
  assert.equal(findings.length, 4);
});

test('links that lead nowhere are found', () => {
  const files = {
    'docs/a.md': '[x](b.md) [y](../README.md#top) [z](https://e.org) [f](adr)',
    'README.md': '',
    'docs/adr/1.md': '',
  };
  assert.deepEqual(checkLinks(...tree(files)), ['docs/a.md: the link to b.md leads nowhere']);
});

test('the page of errors follows the code', () => {
  const code = "const A = defineError(\n  'MARIO_A',\n  'It\\'s ' +\n    'gone. Do | this.',\n);";
  assert.match(formatErrorsPage(...tree({ 'packages/a/x.ts': code })), /\| `MARIO_A` \| It's gone\. Do \\\| this\. \|/);
});
