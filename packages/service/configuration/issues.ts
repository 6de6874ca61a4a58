/** What was found wrong while reading a configuration file: where, which key, and what to do. */
import { defineError, OperatingError } from '../operating-error.ts';

const BAD_CONFIGURATION = defineError(
  'MARIO_SERVICE_BAD_CONFIGURATION',
  'A configuration file cannot be used. The message names the file, the line and the key; `mario check FILE` lists all problems.',
);

export interface Place {
  /** As given by the user. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Dotted path of keys, `scrape_configs[0].job_name`; empty for the document. */
  readonly key: string;
}

export interface ConfigIssue extends Place {
  /** An error is what the real tool would refuse; a warning is what it takes and this engine does not use. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** Collects issues so that a user sees all of them at once instead of one a start. */
export class ConfigIssues {
  readonly #issues: ConfigIssue[] = [];

  error(place: Place, message: string): void {
    this.#add('error', place, message);
  }

  warn(place: Place, message: string): void {
    this.#add('warning', place, message);
  }

  get all(): readonly ConfigIssue[] {
    return this.#issues;
  }

  get errors(): readonly ConfigIssue[] {
    return this.#issues.filter((issue) => issue.severity === 'error');
  }

  get warnings(): readonly ConfigIssue[] {
    return this.#issues.filter((issue) => issue.severity === 'warning');
  }

  /** Throws MARIO_SERVICE_BAD_CONFIGURATION with every error, one a line. */
  throwIfErrors(): void {
    const { errors } = this;
    if (errors.length > 0) throw new OperatingError(BAD_CONFIGURATION, errors.map(formatIssue).join('\n'));
  }

  #add(severity: ConfigIssue['severity'], { file, line, column, key }: Place, message: string): void {
    this.#issues.push({ severity, file, line, column, key, message });
  }
}

/** `deploy/prometheus/prometheus.yml:12: scrape_configs[0].foo: unknown key` */
export function formatIssue(issue: ConfigIssue): string {
  const key = issue.key === '' ? '' : `${issue.key}: `;
  return `${issue.file}:${issue.line}: ${key}${issue.message}`;
}
