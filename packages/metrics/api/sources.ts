/** What the HTTP API is answered from; the service that composes store, engine and scraper gives it. */
import type { RelabelConfig } from '../config/relabel-config.ts';
import type { Labels } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type { Engine } from '../promql/index.ts';
import type { LanguageFeatures } from '../promql/parse/token-stream.ts';
import type { Queries } from '../query/queries.ts';
import type { Queryable } from '../queryable.ts';
import type { Notifications } from './notifications.ts';

export interface ApiSources {
  readonly queryable: Queryable;
  readonly engine: Engine;
  /** Answers queries in worker threads; absent: `engine` evaluates them here. */
  readonly queries?: Pick<Queries, 'answer'> | undefined;
  readonly features: LanguageFeatures;
  /** Whether `stats=all` counts samples by step; the real server needs a feature flag for it. */
  readonly perStepStats?: boolean | undefined;
  /** Wall clock in milliseconds. */
  readonly nowMs: () => number;
  readonly targets: () => TargetsState;
  /** The relabelling of a scrape pool's targets; undefined when there is no such pool. */
  readonly relabelRules?: ((pool: string) => readonly RelabelConfig[] | undefined) | undefined;
  /** What the server has to say; absent: nothing but its own end. */
  readonly notifications?: Notifications | undefined;
  readonly rules: () => readonly RuleGroupState[];
  readonly alertmanagers: () => { readonly active: readonly string[]; readonly dropped: readonly string[] };
  readonly status: StatusSource;
  /** Reads the configuration again; rejects with what is wrong, the old one staying in force. */
  readonly reload: () => Promise<void>;
  /** Absent unless the admin API is enabled. */
  readonly admin?: AdminSource | undefined;
  /** External labels, put on federated series that lack them. */
  readonly externalLabels: () => Labels;
}

export interface AdminSource {
  deleteSeries(matcherSets: readonly (readonly LabelMatcher[])[], startMs: number, endMs: number): Promise<void>;
  cleanTombstones(): Promise<void>;
  /** Gives the name of the snapshot's folder. */
  snapshot(skipHead: boolean): Promise<string>;
}

export interface TargetsState {
  readonly active: readonly ActiveTarget[];
  readonly dropped: readonly DroppedTarget[];
}

export interface ActiveTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: 'unknown' | 'up' | 'down';
  readonly lastError: string;
  /** 0 when it was never scraped. */
  readonly lastScrapeMs: number;
  readonly lastScrapeDurationS: number;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** Metadata as the target's last exposition gave it. */
  readonly metadata: readonly TargetMetadata[];
}

export interface TargetMetadata {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface DroppedTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
}

export interface RuleGroupState {
  readonly name: string;
  readonly file: string;
  readonly intervalMs: number;
  readonly limit: number;
  readonly lastEvaluationMs: number;
  readonly evaluationTimeS: number;
  /** Samples that the last evaluation stored. */
  readonly lastSampleCount: number;
  readonly rules: readonly RuleState[];
}

interface RuleStateBase {
  readonly name: string;
  readonly query: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'unknown' | 'ok' | 'err';
  readonly lastError: string;
  readonly lastEvaluationMs: number;
  readonly evaluationTimeS: number;
}

export interface RecordingRuleState extends RuleStateBase {
  readonly kind: 'recording';
}

export interface AlertingRuleState extends RuleStateBase {
  readonly kind: 'alerting';
  readonly state: 'inactive' | 'pending' | 'firing' | 'unknown';
  readonly durationMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly alerts: readonly AlertState[];
}

export type RuleState = RecordingRuleState | AlertingRuleState;

export interface AlertState {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  readonly activeAtMs: number;
  /** When the condition last held, for alerts that are kept firing; 0 otherwise. */
  readonly keepFiringSinceMs: number;
  readonly value: number;
}

export interface StatusSource {
  readonly configYaml: () => string;
  readonly flags: () => Readonly<Record<string, string>>;
  readonly startedMs: number;
  readonly lastReload: () => { readonly ok: boolean; readonly atMs: number };
  readonly storageRetention: () => string;
  /** Records cut off or set aside while the log was read at start. */
  readonly corruptionCount: () => number;
  readonly tsdb: (limit: number) => TsdbStatus;
  /** By time. */
  readonly blocks: () => readonly BlockStatus[];
}

export interface BlockStatus {
  readonly name: string;
  readonly minTimeMs: number;
  /** Inclusive. */
  readonly maxTimeMs: number;
  readonly sampleCount: number;
  readonly seriesCount: number;
  /** Deletions that it still carries. */
  readonly tombstoneCount: number;
  /** Whether it was made of other blocks. */
  readonly compacted: boolean;
}

export interface NamedCount {
  readonly name: string;
  readonly value: number;
}

export interface TsdbStatus {
  readonly head: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    readonly minTimeMs: number;
    readonly maxTimeMs: number;
  };
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  readonly memoryInBytesByLabelName: readonly NamedCount[];
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}
