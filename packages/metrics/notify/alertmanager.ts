/** The embedded Alertmanager: takes alerts, groups them, keeps silences, tells webhooks; its file is the real one's. */
import { randomUUID } from 'node:crypto';
import type { Clock, Log, Timer } from '@mario/service';
import type { StorageDirectory } from '@mario/storage';
import type { Labels } from '../model/labels.ts';
import type { Fetch } from '../scrape/fetch.ts';
import type { AggregationGroup } from './aggregation-group.ts';
import { isResolved, type NotifyAlert } from './alert.ts';
import { AlertTable } from './alert-table.ts';
import type { AlertmanagerConfig } from './config/alertmanager-config.ts';
import { Dispatcher } from './dispatcher.ts';
import { createInhibitor } from './inhibitor.ts';
import { matchesAll } from './matcher.ts';
import { type NotificationCounts, notifyGroup, type PipelineContext } from './notification-pipeline.ts';
import { NotifyState, SILENCES_MAX } from './notify-state.ts';
import { matchRoutes } from './route-tree.ts';
import { canUpdate, type Silence, silenceState } from './silence.ts';

export interface AlertmanagerContext {
  /** A folder of its own. */
  readonly directory: StorageDirectory;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: Fetch;
  /** 0 … 1, for the jitter of retries. */
  readonly random: () => number;
  readonly externalUrl: () => string;
  readonly counts: NotificationCounts;
}

export interface AlertStatus {
  readonly state: 'active' | 'suppressed';
  readonly inhibitedBy: readonly string[];
  readonly silencedBy: readonly string[];
}

/** Thrown for a request that cannot be done; `status` is what the real API answers with. */
export class SilenceRefused extends Error {
  override readonly name = 'SilenceRefused';
  readonly status: 400 | 404;

  constructor(status: 400 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

/** The real one looks for empty groups every 30 s and for ended alerts every 30 min. */
const GROUPS_COLLECT_MS = 30_000;
const ALERTS_COLLECT_MS = 30 * 60_000;

export class Alertmanager {
  readonly startedMs: number;
  readonly #context: AlertmanagerContext;
  readonly #state: NotifyState;
  readonly #alerts = new AlertTable();
  readonly #timers: readonly Timer[];
  #config: AlertmanagerConfig;
  #dispatcher: Dispatcher;

  private constructor(context: AlertmanagerContext, config: AlertmanagerConfig, state: NotifyState) {
    const { clock } = context;
    this.startedMs = clock.nowMs();
    this.#context = context;
    this.#config = config;
    this.#state = state;
    this.#dispatcher = this.#dispatch(config);
    this.#timers = [
      clock.every(GROUPS_COLLECT_MS, () => this.#dispatcher.collect()),
      clock.every(ALERTS_COLLECT_MS, () => {
        this.#alerts.collect(clock.nowMs());
        state.collect();
      }),
    ];
  }

  static async open(context: AlertmanagerContext, config: AlertmanagerConfig): Promise<Alertmanager> {
    return new Alertmanager(context, config, await NotifyState.open(context));
  }

  get config(): AlertmanagerConfig {
    return this.#config;
  }

  get state(): Pick<NotifyState, 'silences' | 'history' | 'toldCount'> {
    return this.#state;
  }

  get groups(): readonly AggregationGroup[] {
    return this.#dispatcher.groups;
  }

  get refusedCount(): number {
    return this.#dispatcher.refusedCount;
  }

  /** Alerts that have not ended. */
  get activeAlerts(): readonly NotifyAlert[] {
    const nowMs = this.#context.clock.nowMs();
    return this.#alerts.all().filter((alert) => !isResolved(alert, nowMs));
  }

  /** Puts another configuration in force: all alerts are grouped anew. What was told stays known. */
  async apply(config: AlertmanagerConfig): Promise<void> {
    const before = this.#dispatcher;
    this.#config = config;
    this.#dispatcher = this.#dispatch(config);
    await before.stop();
    for (const alert of this.#alerts.all()) this.#dispatcher.insert(alert);
  }

  /** Gives the alerts for which there is no room. */
  receive(alerts: readonly NotifyAlert[]): readonly NotifyAlert[] {
    const nowMs = this.#context.clock.nowMs();
    return alerts.filter((reported) => {
      const alert = this.#alerts.put(reported, nowMs);
      if (alert !== undefined) this.#dispatcher.insert(alert);
      return alert === undefined;
    });
  }

  /** Tells the state of alerts as of now. */
  statuses(): (alert: NotifyAlert) => AlertStatus {
    const nowMs = this.#context.clock.nowMs();
    const inhibitedBy = createInhibitor(this.#config.inhibitRules, this.#alerts.all(), nowMs);
    const silences = [...this.#state.silences.values()].filter((each) => silenceState(each, nowMs) === 'active');
    return ({ labels }) => {
      const inhibitors = inhibitedBy(labels);
      const silencedBy = silences.flatMap(({ id, matchers }) => (matchesAll(matchers, labels) ? [id] : [])).sort();
      const state = inhibitors.length + silencedBy.length > 0 ? 'suppressed' : 'active';
      return { state, inhibitedBy: inhibitors, silencedBy };
    };
  }

  receiversOf(labels: Labels): readonly string[] {
    return [...new Set(matchRoutes(this.#config.route, labels).map(({ receiver }) => receiver))];
  }

  /** Gives the id of the silence that is in force now: the given one, or a new one when it had to begin anew. Durable. */
  async setSilence(wanted: Silence): Promise<string> {
    const nowMs = this.#context.clock.nowMs();
    const known = wanted.id === '' ? undefined : this.#state.silences.get(wanted.id);
    if (wanted.id !== '' && known === undefined) throw new SilenceRefused(404, 'silence not found');
    if (wanted.matchers.every((matcher) => matcher.matches(''))) {
      throw new SilenceRefused(400, 'silence invalid: at least one matcher must not match the empty string');
    }
    const updated = { ...wanted, updatedAtMs: nowMs };
    if (known !== undefined && canUpdate(known, wanted, nowMs)) {
      await this.#state.putSilence(updated);
      return known.id;
    }
    if (this.#state.silences.size >= SILENCES_MAX) {
      throw new SilenceRefused(400, `exceeded maximum number of silences: ${SILENCES_MAX} silences`);
    }
    if (known !== undefined && silenceState(known, nowMs) !== 'expired') await this.#expire(known, nowMs);
    const id = randomUUID();
    await this.#state.putSilence({ ...updated, id, startsAtMs: Math.max(wanted.startsAtMs, nowMs) });
    return id;
  }

  /** Ends a silence; one that has ended stays as it is. False when it is not known. Durable. */
  async expireSilence(id: string): Promise<boolean> {
    const known = this.#state.silences.get(id);
    if (known === undefined) return false;
    await this.#expire(known, this.#context.clock.nowMs());
    return true;
  }

  /** Messages on their way are given up; the next start sends them, because they are not known as told. */
  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    await this.#dispatcher.stop();
    await this.#state.close();
  }

  async #expire(silence: Silence, nowMs: number): Promise<void> {
    const state = silenceState(silence, nowMs);
    if (state === 'expired') return;
    const startsAtMs = state === 'pending' ? nowMs : silence.startsAtMs;
    await this.#state.putSilence({ ...silence, startsAtMs, endsAtMs: nowMs, updatedAtMs: nowMs });
  }

  #dispatch(config: AlertmanagerConfig): Dispatcher {
    const context: PipelineContext = {
      ...this.#context,
      config,
      state: this.#state,
      alerts: () => this.#alerts.all(),
      externalUrl: () => this.#context.externalUrl(),
    };
    return new Dispatcher(config.route, this.#context.clock, (flush) => notifyGroup(flush, context));
  }
}
