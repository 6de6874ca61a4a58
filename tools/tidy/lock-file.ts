/** package-lock.json must hold every optional package of every platform, and no address of a registry. */

export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface LockFile {
  readonly packages: Record<string, LockedPackage>;
}

export interface MissingPackage {
  /** Where npm would put it. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
}

/** Optional dependencies without an entry. Binaries are asked for by exact version, so another version is not it. */
export function missingOptional({ packages }: LockFile): readonly MissingPackage[] {
  const missing = new Map<string, MissingPackage>();
  for (const [owner, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      const version = range.replace(/^[~^]/, '');
      const paths = lookUpPaths(owner, name);
      const exact = /^[~^]/.test(range) === false;
      const found = paths.some((path) => path in packages && (!exact || packages[path]!.version === version));
      if (found) continue;
      // The outermost place that no other version holds, as npm hoists.
      const path = paths.findLast((candidate) => !(candidate in packages) && !missing.has(candidate)) ?? paths[0]!;
      missing.set(path, { path, name, version });
    }
  }
  return [...missing.values()];
}

/** Where Node looks for a package from inside another, innermost first. */
function lookUpPaths(owner: string, name: string): readonly string[] {
  const paths: string[] = [];
  for (let at = owner; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    paths.push(at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`);
    if (at === '') return paths;
    if (!at.includes('/node_modules/')) {
      paths.push(`node_modules/${name}`);
      return paths;
    }
  }
}

export function checkLockFile(paths: readonly string[], read: (path: string) => string): string[] {
  if (!paths.includes('package-lock.json')) return [];
  const lock = JSON.parse(read('package-lock.json')) as LockFile;
  const addressed = Object.entries(lock.packages).filter(
    ([, { resolved, link }]) => resolved !== undefined && link !== true,
  );
  return [
    ...missingOptional(lock).map(
      ({ path }) => `package-lock.json: ${path} is missing; run \`node tools/complete-lock.ts\``,
    ),
    ...addressed.map(([path]) => `package-lock.json: ${path} names a download address`),
  ];
}
