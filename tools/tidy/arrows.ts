/** Which package may import which: the flow has one direction, and the three signals do not know one another. */

/** What each workspace may import of the others; tests may also use the testkit. */
export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  service: [],
  storage: ['service'],
  otlp: ['service'],
  gotemplate: [],
  instrumentation: [],
  collector: ['service', 'storage', 'otlp'],
  metrics: ['gotemplate', 'service', 'storage', 'otlp'],
  traces: ['service', 'storage', 'otlp'],
  logs: ['gotemplate', 'service', 'storage', 'otlp'],
  dashboards: ['service', 'storage'],
  testkit: ['service', 'storage', 'otlp', 'stack'],
  pizzeria: ['instrumentation'],
  traffic: ['instrumentation'],
  stack: ['service', 'storage', 'otlp', 'collector', 'metrics', 'traces', 'logs', 'dashboards', 'pizzeria', 'traffic'],
};

const IMPORT = /(?:from|import\()\s*'(@mario\/([a-z]+)(?:\/[^']*)?|\.\.?\/[^']*)'/g;

export function checkArrows(paths: readonly string[], read: (path: string) => string): string[] {
  const findings: string[] = [];
  for (const path of paths) {
    const home = /^(?:apps|packages)\/([a-z]+)\/.*\.tsx?$/.exec(path)?.[1];
    if (home === undefined) continue;
    for (const [, specifier, target] of read(path).matchAll(IMPORT)) {
      if (target !== undefined && target !== home && !mayImport(home, target, path)) {
        findings.push(`${path}: ${home} must not import ${specifier} (tools/tidy/arrows.ts)`);
      }
      if (specifier!.startsWith('.') && leavesHome(path, specifier!)) {
        findings.push(`${path}: ${specifier} reaches into another package; import it by its name`);
      }
    }
  }
  return findings;
}

function mayImport(home: string, target: string, path: string): boolean {
  if (ALLOWED[home]?.includes(target)) return true;
  return target === 'testkit' && /\.test\.tsx?$|\/e2e\//.test(path);
}

function leavesHome(path: string, specifier: string): boolean {
  const depth = path.split('/').length - 3;
  const ups = specifier.split('/').filter((part) => part === '..').length;
  return ups > depth;
}
