/** Tells Alertmanagers about alerts, by their API v2: queued, in batches, to all of them. */
import type { Clock, Log } from '@mario/service';
import type { AlertingConfig, AlertmanagerConfig } from '../config/alerting-config.ts';
import type { RelabelConfig } from '../config/relabel-config.ts';
import { type Discovery, type DiscoveryContext, startDiscovery } from '../discovery/discovery.ts';
import { Labels } from '../model/labels.ts';
import { type Fetch, statusError, USER_AGENT } from '../scrape/fetch.ts';
import { LabelBuilder, relabel } from '../scrape/relabel.ts';
import type { OutgoingAlert } from './rule-group.ts';
import { graphLink } from './template/template-functions.ts';

/** The real server's queue; the oldest alerts give way, they are sent again anyway. */
const QUEUE_MAX = 10_000;
const BATCH_MAX = 256;
const RETRY_MS = 5_000;

export interface NotifierCounts {
  sent(alertmanager: string, count: number): void;
  failed(alertmanager: string, count: number): void;
  dropped(count: number): void;
}

export interface NotifierContext extends DiscoveryContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: Fetch;
  readonly externalUrl: () => string;
  readonly counts: NotifierCounts;
}

interface Receiver {
  readonly config: AlertmanagerConfig;
  discovery: Discovery | undefined;
  urls: readonly string[];
  dropped: readonly string[];
}

interface PostedAlert {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

export class Notifier {
  readonly #context: NotifierContext;
  readonly #queue: PostedAlert[] = [];
  #receivers: Receiver[] = [];
  #alertRelabelConfigs: readonly RelabelConfig[] = [];
  #externalLabels = Labels.EMPTY;
  #sending: Promise<void> | undefined;
  readonly #abort = new AbortController();

  constructor(context: NotifierContext) {
    this.#context = context;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  get queueCapacity(): number {
    return QUEUE_MAX;
  }

  /** URLs of the Alertmanagers that are told, and of those that relabelling dropped. */
  get alertmanagers(): { readonly active: readonly string[]; readonly dropped: readonly string[] } {
    return {
      active: this.#receivers.flatMap(({ urls }) => urls),
      dropped: this.#receivers.flatMap(({ dropped }) => dropped),
    };
  }

  apply(config: AlertingConfig, externalLabels: Labels): void {
    for (const { discovery } of this.#receivers) discovery?.stop();
    this.#alertRelabelConfigs = config.alertRelabelConfigs;
    this.#externalLabels = externalLabels;
    this.#receivers = config.alertmanagers.map((each) => {
      const receiver: Receiver = { config: each, discovery: undefined, urls: [], dropped: [] };
      receiver.discovery = startDiscovery(each.discovery, this.#context, (targets) => {
        const found = targets.map(({ labels }) => urlOf(each, labels));
        receiver.urls = found.flatMap(({ url, kept }) => (kept ? [url] : []));
        receiver.dropped = found.flatMap(({ url, kept }) => (kept ? [] : [url]));
      });
      return receiver;
    });
  }

  /** Queues alerts; never waits for a receiver. */
  send(alerts: readonly OutgoingAlert[]): void {
    for (const each of alerts) {
      const posted = this.#post(each);
      if (posted !== undefined) this.#queue.push(posted);
    }
    const over = this.#queue.length - QUEUE_MAX;
    if (over > 0) {
      this.#queue.splice(0, over);
      this.#context.counts.dropped(over);
    }
    this.#sending ??= this.#drain().finally(() => (this.#sending = undefined));
  }

  /** Stops; a batch on its way is given up, for the next server sends it again. */
  async close(): Promise<void> {
    for (const { discovery } of this.#receivers) discovery?.stop();
    this.#abort.abort();
    await this.#sending;
  }

  #post({ alert, expr, validUntilMs }: OutgoingAlert): PostedAlert | undefined {
    const builder = new LabelBuilder(alert.labels);
    for (const [name, value] of this.#externalLabels) if (builder.get(name) === '') builder.set(name, value);
    if (!relabel(builder, this.#alertRelabelConfigs)) return undefined;
    const endsAtMs = alert.resolvedAtMs > 0 ? alert.resolvedAtMs : validUntilMs;
    return {
      labels: Labels.from(builder.entries()),
      annotations: alert.annotations.toObject(),
      startsAt: new Date(alert.firedAtMs || alert.activeAtMs).toISOString(),
      endsAt: new Date(endsAtMs).toISOString(),
      generatorURL: this.#context.externalUrl().replace(/\/$/, '') + graphLink(expr, 1),
    };
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#abort.signal.aborted) {
      const batch = this.#queue.slice(0, BATCH_MAX);
      const delivered = await this.#deliver(batch);
      if (!delivered) {
        await this.#pause();
        if (this.#receivers.every(({ urls }) => urls.length === 0)) this.#queue.length = 0;
        continue;
      }
      const sent = new Set(batch);
      const rest = this.#queue.filter((alert) => !sent.has(alert));
      this.#queue.splice(0, this.#queue.length, ...rest);
    }
  }

  /** To every Alertmanager at once; delivered when one of them took it, or when there is none to tell. */
  async #deliver(batch: readonly PostedAlert[]): Promise<boolean> {
    const tries = this.#receivers.flatMap(({ config, urls }) => urls.map((url) => this.#postTo(config, url, batch)));
    const results = await Promise.all(tries);
    return results.length === 0 || results.some((ok) => ok);
  }

  async #postTo(config: AlertmanagerConfig, url: string, batch: readonly PostedAlert[]): Promise<boolean> {
    const { fetch, counts, log } = this.#context;
    const alerts = batch.flatMap((alert) => {
      const builder = new LabelBuilder(alert.labels);
      return relabel(builder, config.alertRelabelConfigs)
        ? [{ ...alert, labels: Object.fromEntries(builder.entries()) }]
        : [];
    });
    if (alerts.length === 0) return true;
    try {
      const { status } = await fetch({
        url,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': USER_AGENT },
        body: Buffer.from(JSON.stringify(alerts)),
        timeoutMs: config.timeoutMs,
        bodyBytesMax: 1 << 20,
        client: config.client,
        signal: this.#abort.signal,
      });
      if (status < 200 || status > 299)
        throw new Error(`bad response status ${statusError(status).replace('server returned HTTP status ', '')}`);
      counts.sent(url, alerts.length);
      return true;
    } catch (error) {
      counts.failed(url, alerts.length);
      log.warn('alerts could not be sent', { alertmanager: url, count: alerts.length, error });
      return false;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#context.clock.after(RETRY_MS, resolve);
      this.#abort.signal.addEventListener('abort', () => {
        timer.cancel();
        resolve();
      });
    });
  }
}

function urlOf(config: AlertmanagerConfig, labels: Readonly<Record<string, string>>): { url: string; kept: boolean } {
  const builder = new LabelBuilder(Object.entries(labels));
  builder.set('__scheme__', config.scheme);
  builder.set('__alerts_path__', `${config.pathPrefix.replace(/\/$/, '')}/api/v2/alerts`);
  const kept = relabel(builder, config.relabelConfigs);
  const path = builder.get('__alerts_path__');
  return {
    url: `${builder.get('__scheme__')}://${builder.get('__address__')}${path.startsWith('/') ? '' : '/'}${path}`,
    kept,
  };
}
