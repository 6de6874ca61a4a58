/** A group of rules, evaluated one after the other at a regular time; results are stored before the next rule looks. */
import type { Clock, Timer } from '@mario/service';
import type { RuleGroupState, RuleState } from '../api/sources.ts';
import type { FloatHistogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import { xxhash64 } from '../model/xxhash.ts';
import type { IntakeStore } from '../remote/otlp-intake.ts';
import type { SampleRow } from '../store/append-request.ts';
import { type Alert, needsSending, restoreAlert } from './alert-lifecycle.ts';
import {
  alertSamples,
  type EvaluationContext,
  evaluateAlerting,
  evaluateRecording,
  LimitExceeded,
  type RuleSample,
  stateSelector,
} from './rule-evaluation.ts';
import type { RuleConfig, RuleGroupConfig } from './rule-file.ts';
import { type Reads, readsOf, writesOf } from './rule-reads.ts';

export interface RuleGroupContext extends Omit<EvaluationContext, 'signal'> {
  readonly store: IntakeStore;
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly observer: RuleObserver;
  /** There is no state of before to be restored, as in unit tests of rules. */
  readonly restored?: boolean;
  /** Hands alerts to their receivers. */
  readonly send: (alerts: readonly OutgoingAlert[]) => void;
}

export interface RuleObserver {
  evaluated(group: string, failed: boolean, durationS: number): void;
  iterated(group: string, missed: number, durationS: number): void;
}

export interface OutgoingAlert {
  readonly alert: Alert;
  readonly expr: string;
  /** A receiver that hears nothing until then takes the alert for resolved. */
  readonly validUntilMs: number;
}

/** The real server's `--rules.alert.resend-delay`, `--rules.alert.for-outage-tolerance`, `--rules.alert.for-grace-period`. */
const RESEND_DELAY_MS = 60_000;
const OUTAGE_TOLERANCE_MS = 60 * 60_000;
const GRACE_MS = 10 * 60_000;

/** Evaluations before the state of before a restart is read: what alerts depend on may not have been scraped at the first. */
const EVALUATIONS_BEFORE_RESTORE = 2;

interface RunningRule {
  readonly config: RuleConfig;
  readonly reads: Reads;
  readonly writes: readonly string[];
  alerts: Map<string, Alert>;
  /** Series of the last evaluation, to mark stale what is not there any more. */
  series: Map<string, Labels>;
  health: 'unknown' | 'ok' | 'err';
  lastError: string;
  lastEvaluationMs: number;
  durationS: number;
}

export class RuleGroup {
  readonly config: RuleGroupConfig;
  readonly #context: RuleGroupContext;
  readonly #rules: readonly RunningRule[];
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #lastEvaluationMs = 0;
  #durationS = 0;
  #restored: boolean;
  #evaluations = 0;
  #sampleCount = 0;

  constructor(config: RuleGroupConfig, context: RuleGroupContext) {
    this.config = config;
    this.#context = context;
    this.#restored = context.restored ?? false;
    this.#rules = config.rules.map((rule) => ({
      config: rule,
      reads: readsOf(rule, context.engine.features),
      writes: writesOf(rule),
      alerts: new Map(),
      series: new Map(),
      health: 'unknown',
      lastError: '',
      lastEvaluationMs: 0,
      durationS: 0,
    }));
  }

  get key(): string {
    return `${this.config.file};${this.config.name}`;
  }

  get state(): RuleGroupState {
    return {
      name: this.config.name,
      file: this.config.file,
      intervalMs: this.#intervalMs,
      limit: this.config.limit,
      lastEvaluationMs: this.#lastEvaluationMs,
      evaluationTimeS: this.#durationS,
      lastSampleCount: this.#sampleCount,
      rules: this.#rules.map((rule) => ruleState(rule, this.config)),
    };
  }

  get #intervalMs(): number {
    return this.config.intervalMs || this.#context.intervalMs;
  }

  /** Takes over what the rules of an earlier group with the same name knew. */
  adopt(before: RuleGroup): void {
    this.#restored = before.#restored;
    const left = [...before.#rules];
    for (const rule of this.#rules) {
      const at = left.findIndex((each) => fingerprint(each.config) === fingerprint(rule.config));
      if (at < 0) continue;
      const [known] = left.splice(at, 1);
      rule.alerts = known!.alerts;
      rule.series = known!.series;
      rule.health = known!.health;
      known!.series = new Map();
    }
  }

  /** Evaluates from now on, at the group's own offset in its interval. */
  start(): void {
    const { clock } = this.#context;
    const offsetMs = Number(xxhash64(Buffer.from(this.key)) % BigInt(Math.max(1, Math.round(this.#intervalMs))));
    const nowMs = clock.nowMs();
    this.#schedule(nowMs + ((offsetMs - (nowMs % this.#intervalMs) + this.#intervalMs) % this.#intervalMs));
  }

  /** Ends evaluation. `gone`: its series become stale, because nothing records them any more. */
  async stop(gone: boolean): Promise<void> {
    this.#timer?.cancel();
    this.#abort.abort();
    await this.#running;
    if (!gone) return;
    const nowMs = this.#context.clock.nowMs();
    await Promise.all(this.#rules.map((rule) => this.#store(rule, [], nowMs)));
  }

  /**
   * One evaluation of all rules, stored; failures stay with their rule. A rule sees what the earlier ones wrote: before
   * one that reads it, their writes are waited for. The others reach the disk together.
   */
  async evaluate(timeMs: number): Promise<void> {
    const { clock } = this.#context;
    const startMs = clock.monotonicMs();
    let writes: { readonly names: readonly string[]; readonly done: Promise<void> }[] = [];
    this.#sampleCount = 0;
    for (const rule of this.#rules) {
      if (writes.some(({ names }) => names.some(rule.reads))) {
        await Promise.all(writes.map(({ done }) => done));
        writes = [];
      }
      if (this.#abort.signal.aborted) break;
      const { stored } = await this.#evaluateRule(rule, timeMs);
      writes.push({ names: rule.writes, done: stored });
    }
    await Promise.all(writes.map(({ done }) => done));
    if (this.#abort.signal.aborted) return;
    this.#lastEvaluationMs = timeMs;
    this.#durationS = (clock.monotonicMs() - startMs) / 1000;
    if (!this.#restored && ++this.#evaluations >= EVALUATIONS_BEFORE_RESTORE) await this.#restore(timeMs);
    this.#sendAlerts(timeMs);
  }

  async #evaluateRule(rule: RunningRule, timeMs: number): Promise<{ readonly stored: Promise<void> }> {
    const { clock, observer } = this.#context;
    const startMs = clock.monotonicMs();
    let samples: readonly RuleSample[] | undefined;
    try {
      samples = await this.#samplesOf(rule, timeMs);
      rule.health = 'ok';
      rule.lastError = '';
    } catch (error) {
      if (this.#abort.signal.aborted) return { stored: Promise.resolve() };
      rule.health = 'err';
      rule.lastError = (error as Error).message;
    }
    rule.lastEvaluationMs = timeMs;
    rule.durationS = (clock.monotonicMs() - startMs) / 1000;
    this.#sampleCount += samples?.length ?? 0;
    const stored = samples === undefined ? Promise.resolve() : this.#storeOrTell(rule, samples, timeMs);
    return { stored: stored.then(() => observer.evaluated(this.key, rule.health === 'err', rule.durationS)) };
  }

  async #samplesOf(rule: RunningRule, timeMs: number): Promise<readonly RuleSample[]> {
    const { config } = rule;
    const context = { ...this.#context, signal: this.#abort.signal };
    const queryMs = timeMs - (this.config.queryOffsetMs ?? this.#context.queryOffsetMs);
    if (config.kind === 'recording') return evaluateRecording(config, this.config, queryMs, context);
    try {
      rule.alerts = await evaluateAlerting(config, this.config, queryMs, timeMs, rule.alerts, context);
    } catch (error) {
      // As the real server: a rule with too many alerts has none.
      if (error instanceof LimitExceeded) rule.alerts = new Map();
      throw error;
    }
    // Written before it is restored, the state of now would hide the state of before the restart.
    return this.#restored || config.forMs < GRACE_MS ? alertSamples(rule.alerts.values()) : [];
  }

  async #storeOrTell(rule: RunningRule, samples: readonly RuleSample[], timeMs: number): Promise<void> {
    try {
      await this.#store(rule, samples, timeMs);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      rule.health = 'err';
      rule.lastError = (error as Error).message;
    }
  }

  async #store(rule: RunningRule, samples: readonly RuleSample[], timestampMs: number): Promise<void> {
    const { store } = this.#context;
    const series = new Map(samples.map(({ labels }) => [labels.key, labels]));
    const gone = [...rule.series].filter(([key]) => !series.has(key)).map(([, labels]) => labels);
    const row = rowOf(store, `rules ${this.key}`, timestampMs, samples, gone);
    rule.series = series;
    if (row.count > 0) await store.append({ rows: [row] });
  }

  /** Gives alerts back how long they had been active before a restart. */
  async #restore(nowMs: number): Promise<void> {
    this.#restored = true;
    const { engine, queryable } = this.#context;
    for (const rule of this.#rules) {
      const { config } = rule;
      if (config.kind !== 'alerting' || config.forMs < GRACE_MS || rule.alerts.size === 0) continue;
      try {
        // Before this evaluation, which has just written the state anew.
        const expression = `${stateSelector(config)}[${OUTAGE_TOLERANCE_MS}ms]`;
        const { data } = await engine.instant(queryable, expression, nowMs - 1, { signal: this.#abort.signal });
        if (data.type !== 'matrix') continue;
        const known = new Map(data.series.map((series) => [series.labels.dropOne('__name__').key, series]));
        for (const [key, alert] of rule.alerts) {
          const series = known.get(key);
          const last = series === undefined ? -1 : series.timestamps.length - 1;
          if (series === undefined || last < 0) continue;
          const was = { activeAtMs: series.values[last]! * 1000, lastSeenMs: series.timestamps[last]! };
          rule.alerts.set(key, restoreAlert(alert, was, nowMs, config.forMs, GRACE_MS));
        }
      } catch (error) {
        rule.lastError = `the state before the restart could not be read: ${(error as Error).message}`;
      }
    }
  }

  #sendAlerts(nowMs: number): void {
    const outgoing: OutgoingAlert[] = [];
    for (const { config, alerts } of this.#rules) {
      for (const [key, alert] of alerts) {
        if (!needsSending(alert, nowMs, RESEND_DELAY_MS)) continue;
        const sent = { ...alert, lastSentMs: nowMs };
        alerts.set(key, sent);
        outgoing.push({
          alert: sent,
          expr: config.expr,
          validUntilMs: nowMs + 4 * Math.max(this.#intervalMs, RESEND_DELAY_MS),
        });
      }
    }
    if (outgoing.length > 0) this.#context.send(outgoing);
  }

  #schedule(atMs: number): void {
    const { clock, observer } = this.#context;
    this.#timer = clock.after(Math.max(0, atMs - clock.nowMs()), () => {
      this.#running = this.evaluate(atMs).finally(() => {
        if (this.#abort.signal.aborted) return;
        const missed = Math.max(0, Math.floor((clock.nowMs() - atMs) / this.#intervalMs));
        observer.iterated(this.key, missed, this.#durationS);
        const jumpedBack = atMs - clock.nowMs() > this.#intervalMs;
        this.#schedule(jumpedBack ? clock.nowMs() + this.#intervalMs : atMs + (missed + 1) * this.#intervalMs);
      });
    });
  }
}

function rowOf(
  store: IntakeStore,
  group: string,
  timestampMs: number,
  samples: readonly RuleSample[],
  gone: readonly Labels[],
): SampleRow {
  const refs: number[] = [];
  const values: number[] = [];
  const stale: number[] = [];
  const histograms = new Map<number, FloatHistogram>();
  for (const { labels, value } of samples) {
    const ref = store.ref(labels);
    if (ref < 0) throw new Error(`a limit on series or labels is met by ${labels}`);
    if (typeof value !== 'number') histograms.set(refs.length, value);
    refs.push(ref);
    values.push(typeof value === 'number' ? value : 0);
  }
  for (const labels of gone) {
    const ref = store.ref(labels);
    if (ref < 0) continue;
    stale.push(refs.length);
    refs.push(ref);
    values.push(0);
  }
  return {
    group,
    timestampMs,
    count: refs.length,
    refs: Int32Array.from(refs),
    values: Float64Array.from(values),
    stale: stale.length > 0 ? Int32Array.from(stale) : null,
    histograms: histograms.size > 0 ? histograms : null,
  };
}

/** Equal for rules that are the same but for their place in the file. */
export function fingerprint(rule: RuleConfig): string {
  const texts = (templates: ReadonlyMap<string, { source: string }>) =>
    [...templates].map(([name, { source }]) => [name, source]);
  return JSON.stringify(
    rule.kind === 'recording'
      ? [rule.record, rule.expr, texts(rule.labels)]
      : [rule.alert, rule.expr, texts(rule.labels), texts(rule.annotations), rule.forMs, rule.keepFiringForMs],
  );
}

function ruleState(rule: RunningRule, group: RuleGroupConfig): RuleState {
  const { config, health, lastError, lastEvaluationMs, durationS: evaluationTimeS } = rule;
  const labels = Object.fromEntries([...group.labels, ...config.labels].map(([name, { source }]) => [name, source]));
  const base = { query: config.expr, labels, health, lastError, lastEvaluationMs, evaluationTimeS };
  if (config.kind === 'recording') return { ...base, kind: 'recording', name: config.record };
  const active = [...rule.alerts.values()].filter(({ phase }) => phase !== 'inactive');
  const state = active.some(({ phase }) => phase === 'firing') ? 'firing' : active.length > 0 ? 'pending' : 'inactive';
  return {
    ...base,
    kind: 'alerting',
    name: config.alert,
    state: health === 'unknown' ? 'unknown' : state,
    durationMs: config.forMs,
    keepFiringForMs: config.keepFiringForMs,
    annotations: Object.fromEntries([...config.annotations].map(([name, { source }]) => [name, source])),
    alerts: active.map((alert) => ({
      labels: alert.labels.toObject(),
      annotations: alert.annotations.toObject(),
      state: alert.phase === 'firing' ? 'firing' : 'pending',
      activeAtMs: alert.activeAtMs,
      keepFiringSinceMs: alert.keepFiringSinceMs,
      value: alert.value,
    })),
  };
}
