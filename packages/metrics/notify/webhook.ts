/** The message to a webhook, version 4, and its way there (notify/webhook and template.Data of Alertmanager). */
import { readFile } from 'node:fs/promises';
import { goJson, goTime } from '../api/go-json.ts';
import type { Labels } from '../model/labels.ts';
import type { Fetch } from '../scrape/fetch.ts';
import { commonPairs, type NotifyAlert } from './alert.ts';
import type { WebhookConfig } from './config/receiver-config.ts';

/** The version of Alertmanager whose behaviour is built. */
export const ALERTMANAGER_VERSION = '0.28.1';

const USER_AGENT = `Alertmanager/${ALERTMANAGER_VERSION}`;

/** An answer's body is read to be named in an error only. */
const ANSWER_BYTES_MAX = 64 * 1024;

export interface Message {
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** Sorted; each firing or resolved as of now. */
  readonly alerts: readonly { readonly alert: NotifyAlert; readonly resolved: boolean }[];
  readonly externalUrl: string;
}

/** The body as the real one writes it: keys in its order, Go's escapes, a line end behind. */
export function webhookBody(message: Message, alertsMax: number): string {
  const { alerts, groupLabels } = message;
  const shown = alertsMax > 0 ? alerts.slice(0, alertsMax) : alerts;
  const body = {
    receiver: message.receiver,
    status: shown.some(({ resolved }) => !resolved) ? 'firing' : 'resolved',
    alerts: shown.map(({ alert, resolved }) => ({
      status: resolved ? 'resolved' : 'firing',
      labels: alert.labels.toObject(),
      annotations: sorted(alert.annotations),
      startsAt: goTime(alert.startsAtMs),
      endsAt: goTime(resolved ? alert.endsAtMs : 0),
      generatorURL: alert.generatorURL,
      fingerprint: alert.fingerprint,
    })),
    groupLabels: groupLabels.toObject(),
    commonLabels: commonPairs(shown.map(({ alert }) => alert.labels.toObject())),
    commonAnnotations: commonPairs(shown.map(({ alert }) => alert.annotations)),
    externalURL: message.externalUrl,
    version: '4',
    groupKey: message.groupKey,
    truncatedAlerts: alerts.length - shown.length,
  };
  return `${goJson(body)}\n`;
}

export type Attempt =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Whether trying again can help: the other end was not reached or has a problem of its own. */
      readonly retry: boolean;
      readonly error: string;
      readonly reason: 'clientError' | 'serverError' | 'contextDeadlineExceeded' | 'other';
    };

/** One attempt; never rejects. */
export async function postWebhook(
  config: WebhookConfig,
  body: string,
  fetch: Fetch,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const { value, file } = config.url;
    const url = file === undefined ? value! : (await readFile(file, 'utf8')).trim();
    const { status } = await fetch({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': USER_AGENT },
      body: Buffer.from(body),
      timeoutMs: config.timeoutMs > 0 ? Math.min(config.timeoutMs, timeoutMs) : timeoutMs,
      bodyBytesMax: ANSWER_BYTES_MAX,
      client: config.client,
      signal,
    });
    if (status >= 200 && status < 300) return { ok: true };
    const reason = status >= 500 ? 'serverError' : status >= 400 ? 'clientError' : 'other';
    return { ok: false, retry: status >= 500, error: `unexpected status code ${status}`, reason };
  } catch (error) {
    const { message } = error as Error;
    const reason = message.includes('context deadline exceeded') ? 'contextDeadlineExceeded' : 'other';
    return { ok: false, retry: true, error: message, reason };
  }
}

function sorted(pairs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(pairs).sort(([a], [b]) => (a < b ? -1 : 1)));
}
