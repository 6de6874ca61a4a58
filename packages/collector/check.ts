// `mario check` for Collector configurations: everything that the real Collector would refuse, and what only this one
// cannot run.
import { readFileSync } from 'node:fs';
import type { ConfigIssue, Place } from '@mario/service';
import { type ConfigSource, readCollectorConfig } from './config/collector-config.ts';
import { embeddedConfigs } from './config/embedded-config.ts';
import type { ReadContext, Unsupported } from './config/read-context.ts';

export interface CollectorCheck {
  /** Errors: the real Collector refuses them. Warnings: it takes them, this one does not use them. */
  readonly issues: readonly ConfigIssue[];
  /** The warnings because of which this collector would not start. */
  readonly unsupported: readonly Unsupported[];
}

/**
 * Checks files as they would be given with several `--config`, the later over the earlier. A single file of Kubernetes
 * objects has each configuration in it checked. What is wrong only because a variable of the environment is not set
 * here, or because a file is one layer of several, is a warning: it may be right where it is meant to run.
 */
export function checkCollectorConfig(
  paths: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): CollectorCheck {
  const [file] = paths;
  const embedded = paths.length === 1 ? embeddedConfigs(textOf(file!)) : [];
  if (embedded.length === 0)
    return checkSources(
      paths.map((path) => ({ file: path })),
      env,
    );
  const checks = embedded.map((text) => checkSources([{ file: file!, text }], env));
  return {
    issues: checks.flatMap((check) => check.issues),
    unsupported: checks.flatMap((check) => check.unsupported),
  };
}

function checkSources(
  sources: readonly ConfigSource[],
  env: Readonly<Record<string, string | undefined>>,
): CollectorCheck {
  const { context } = readCollectorConfig(sources, env);
  const issues = context.issues.all.map((issue) => (issue.severity === 'error' ? excused(issue, context) : issue));
  return { issues, unsupported: context.unsupported };
}

function excused(issue: ConfigIssue, context: ReadContext): ConfigIssue {
  const excuse = dependsOn(issue, context.unsetPlaces)
    ? 'a variable is not set here'
    : context.isLayer && context.isIncomplete(issue)
      ? 'this file seems to be one layer of several; check all of them together'
      : undefined;
  return excuse === undefined ? issue : { ...issue, severity: 'warning', message: `${issue.message} (${excuse})` };
}

/** Whether a variable that is not set stands at the place of the issue or inside of it. Sections are too wide to tell. */
function dependsOn(issue: ConfigIssue, unset: readonly Place[]): boolean {
  if (!issue.key.includes('.')) return false;
  return unset.some((place) => place.file === issue.file && `${place.key}.`.startsWith(`${issue.key}.`));
}

/** '' for a file that cannot be read: reading it again tells why. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
