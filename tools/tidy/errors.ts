/** docs/errors.md lists every kind of operating error, generated from where the code defines them. */

const DEFINITION = /defineError\(\s*'([^']+)',\s*((?:'(?:[^'\\]|\\.)*'|`[^`]*`|"[^"]*"|\s|\+)+),?\s*\)/g;

export const ERRORS_PAGE = 'docs/errors.md';

export function checkErrorsPage(paths: readonly string[], read: (path: string) => string): string[] {
  const wanted = formatErrorsPage(paths, read);
  if (paths.includes(ERRORS_PAGE) && read(ERRORS_PAGE) === wanted) return [];
  return [`${ERRORS_PAGE}: is not what the code defines; run \`node tools/write-errors-page.ts\``];
}

export function formatErrorsPage(paths: readonly string[], read: (path: string) => string): string {
  const rows: string[] = [];
  for (const path of paths) {
    if (!/^(?:apps|packages)\/.*\.ts$/.test(path) || path.includes('.test.')) continue;
    for (const [, code, meaning] of read(path).matchAll(DEFINITION)) {
      rows.push(`| \`${code}\` | ${literal(meaning!)} | [${path}](../${path}) |\n`);
    }
  }
  return `# Errors

What can go wrong outside the program, by stable code. Generated from the code by \`node tools/write-errors-page.ts\`.

| code | meaning and what to do | defined in |
|---|---|---|
${rows.sort().join('')}`;
}

/** The text of one or more string literals joined by \`+\`. */
function literal(source: string): string {
  return [...source.matchAll(/'((?:[^'\\]|\\.)*)'|`([^`]*)`|"([^"]*)"/g)]
    .map(([, single, template, double]) => single ?? template ?? double ?? '')
    .join('')
    .replace(/\\(['"\\])/g, '$1')
    .replaceAll('|', '\\|');
}
