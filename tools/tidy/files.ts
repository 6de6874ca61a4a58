/** Names and sizes of files. */

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|e2e|d|config))?\.(?:ts|tsx|css|html)$/;
const EMPTY_NAMES = /^(?:utils?|helpers?|misc|common|shared|stuff)\./;

/** STYLE.md: most files stay under 300 lines; beyond 500 a file must be listed here with its reason. */
const LINES_MAX = 500;
const LONG_FILES: Readonly<Record<string, string>> = {};

export function checkFiles(paths: readonly string[], read: (path: string) => string): string[] {
  const findings: string[] = [];
  for (const path of paths) {
    if (!/^(?:apps|packages|tools|bench|fuzz)\/.*\.(?:ts|tsx)$/.test(path)) continue;
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!NAME.test(name)) findings.push(`${path}: file names are kebab-case`);
    if (EMPTY_NAMES.test(name)) findings.push(`${path}: the name says nothing; name the file after its noun`);
    const text = read(path);
    const lines = text.split('\n').length;
    if (lines > LINES_MAX && !(path in LONG_FILES) && !path.includes('.test.')) {
      findings.push(`${path}: ${lines} lines; split it, or list it with its reason in tools/tidy/files.ts`);
    }
    if (!path.includes('.test.') && !path.includes('.e2e.') && !/^\s*(?:\/\*|\/\/)/.test(text.replace(/^#!.*\n/, ''))) {
      findings.push(`${path}: a file opens with a sentence that says what it is for`);
    }
  }
  return findings;
}
