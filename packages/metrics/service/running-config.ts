/** The configuration in force, and how a changed file takes its place. */
import { type Clock, formatIssue, type Log } from '@mario/service';
import { loadPrometheusConfig, type PrometheusConfig, parsePrometheusConfig } from '../config/prometheus-config.ts';

export type ConfigSource = { readonly path: string } | { readonly yaml: string };

export class RunningConfig {
  readonly #source: ConfigSource;
  readonly #clock: Clock;
  readonly #log: Log;
  #current: PrometheusConfig;
  #lastReload: { readonly ok: boolean; readonly atMs: number };

  /** Throws MARIO_SERVICE_BAD_CONFIGURATION with all that is wrong. */
  constructor(source: ConfigSource, clock: Clock, log: Log) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#current = this.#load();
    this.#lastReload = { ok: true, atMs: clock.nowMs() };
  }

  get current(): PrometheusConfig {
    return this.#current;
  }

  get lastReload(): { readonly ok: boolean; readonly atMs: number } {
    return this.#lastReload;
  }

  /** Reads the file again and hands it to `apply`; what throws leaves the old configuration in force. */
  async reload(apply: (config: PrometheusConfig) => Promise<void>): Promise<void> {
    try {
      const config = this.#load();
      await apply(config);
      this.#current = config;
      this.#lastReload = { ok: true, atMs: this.#clock.nowMs() };
      this.#log.info('configuration loaded again');
    } catch (error) {
      this.#lastReload = { ok: false, atMs: this.#lastReload.atMs };
      this.#log.error('the configuration was not loaded; the one before stays in force', { error });
      throw error;
    }
  }

  #load(): PrometheusConfig {
    const { config, issues, unsupported } =
      'path' in this.#source
        ? loadPrometheusConfig(this.#source.path)
        : parsePrometheusConfig(this.#source.yaml, 'prometheus.yml');
    issues.throwIfErrors();
    unsupported.throwIfErrors();
    for (const issue of issues.warnings) this.#log.warn(formatIssue(issue));
    return config!;
  }
}
