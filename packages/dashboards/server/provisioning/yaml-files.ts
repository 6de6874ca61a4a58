/** The files of a provisioning folder, in the order in which Grafana reads them: by name. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** None when the folder is absent: provisioning is optional. */
export function yamlFiles(folder: string): readonly string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
