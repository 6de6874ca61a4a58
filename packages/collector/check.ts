// `mario check` for Collector configurations: everything that the real Collector would refuse, and what only this one
// cannot run.
import type { ConfigIssue } from '@mario/service';
import { readCollectorConfig } from './config/collector-config.ts';
import type { Unsupported } from './config/read-context.ts';

export interface CollectorCheck {
  /** Errors: the real Collector refuses them. Warnings: it takes them, this one does not use them. */
  readonly issues: readonly ConfigIssue[];
  /** The warnings because of which this collector would not start. */
  readonly unsupported: readonly Unsupported[];
}

/** Checks files as they would be given with several `--config`, the later over the earlier. */
export function checkCollectorConfig(
  paths: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): CollectorCheck {
  const { context } = readCollectorConfig(paths, env);
  return { issues: context.issues.all, unsupported: context.unsupported };
}
