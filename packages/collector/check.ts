// `mario check` for Collector configurations: everything that the real Collector would refuse, and what only this one
// cannot run.
import type { ConfigIssue, Place } from '@mario/service';
import { readCollectorConfig } from './config/collector-config.ts';
import type { Unsupported } from './config/read-context.ts';

export interface CollectorCheck {
  /** Errors: the real Collector refuses them. Warnings: it takes them, this one does not use them. */
  readonly issues: readonly ConfigIssue[];
  /** The warnings because of which this collector would not start. */
  readonly unsupported: readonly Unsupported[];
}

/**
 * Checks files as they would be given with several `--config`, the later over the earlier. What is wrong only because
 * a variable of the environment is not set here is a warning: the file may be right where it is meant to run.
 */
export function checkCollectorConfig(
  paths: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): CollectorCheck {
  const { context } = readCollectorConfig(paths, env);
  const issues = context.issues.all.map((issue) =>
    issue.severity === 'error' && dependsOn(issue, context.unsetPlaces)
      ? { ...issue, severity: 'warning' as const, message: `${issue.message} (a variable is not set here)` }
      : issue,
  );
  return { issues, unsupported: context.unsupported };
}

/** Whether a variable that is not set stands at the place of the issue or inside of it. Sections are too wide to tell. */
function dependsOn(issue: ConfigIssue, unset: readonly Place[]): boolean {
  if (!issue.key.includes('.')) return false;
  return unset.some((place) => place.file === issue.file && `${place.key}.`.startsWith(`${issue.key}.`));
}
