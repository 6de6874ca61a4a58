/** Reads posted alerts and silences, with the refusals of the real API for what does not fit. */
import { isClassicLabelName, Labels } from '../../model/labels.ts';
import { createAlert, type NotifyAlert } from '../alert.ts';
import { createMatcher } from '../matcher.ts';
import type { Silence } from '../silence.ts';
import { type AlertmanagerApiError, frameworkRefusal, refusal } from './api-answer.ts';

/** Codes of the real API's framework (go-openapi/errors). */
const INVALID_TYPE = 601;
const REQUIRED = 602;
const TOO_FEW_ITEMS = 612;

export interface ReadAlerts {
  readonly alerts: readonly NotifyAlert[];
  /** Texts about those that were refused; the others count. */
  readonly problems: readonly string[];
}

export function readAlerts(body: unknown, nowMs: number, resolveTimeoutMs: number): ReadAlerts {
  if (!Array.isArray(body))
    throw parseFailure('alerts', 'json: cannot unmarshal into Go value of type models.PostableAlerts');
  const alerts: NotifyAlert[] = [];
  const problems: string[] = [];
  for (const [i, each] of body.entries()) {
    const posted = recordOf(each, 'alerts');
    if (posted.labels === undefined || posted.labels === null) throw required(`${i}.labels`);
    const alert = readAlert(posted, String(i), nowMs, resolveTimeoutMs);
    if (typeof alert === 'string') problems.push(alert);
    else alerts.push(alert);
  }
  return { alerts, problems };
}

function readAlert(
  posted: Readonly<Record<string, unknown>>,
  at: string,
  nowMs: number,
  resolveTimeoutMs: number,
): NotifyAlert | string {
  const given = { startsAt: timeOf(posted.startsAt, `${at}.startsAt`), endsAt: timeOf(posted.endsAt, `${at}.endsAt`) };
  const timesOut = given.endsAt === undefined;
  const startsAtMs = given.startsAt ?? (given.endsAt === undefined ? nowMs : Math.min(nowMs, given.endsAt));
  const endsAtMs = given.endsAt ?? nowMs + resolveTimeoutMs;
  const labels = stringsOf(posted.labels, `${at}.labels`);
  const annotations = stringsOf(posted.annotations ?? {}, `${at}.annotations`);
  const bad = Object.keys(labels).find((name) => !isClassicLabelName(name));
  const set = Labels.from(labels);
  if (set.size === 0) return 'at least one label pair required';
  if (bad !== undefined) return `invalid label set: invalid name ${JSON.stringify(bad)}`;
  if (endsAtMs < startsAtMs) return 'start time must be before end time';
  const generatorURL = typeof posted.generatorURL === 'string' ? posted.generatorURL : '';
  return createAlert({ labels: set, annotations, startsAtMs, endsAtMs, generatorURL, updatedAtMs: nowMs, timesOut });
}

/** A silence as posted; its `updatedAtMs` is set when it is kept. */
export function readSilence(body: unknown, nowMs: number): Silence {
  const posted = recordOf(body, 'silence');
  for (const key of ['comment', 'createdBy', 'endsAt', 'matchers', 'startsAt']) {
    if (posted[key] === undefined || posted[key] === null) throw required(key);
  }
  const { matchers } = posted;
  if (!Array.isArray(matchers)) throw parseFailure('silence', 'matchers must be a list');
  if (matchers.length === 0) {
    throw frameworkRefusal(422, TOO_FEW_ITEMS, 'matchers in body should have at least 1 items');
  }
  const startsAtMs = timeOf(posted.startsAt, 'startsAt')!;
  const endsAtMs = timeOf(posted.endsAt, 'endsAt')!;
  const silence = {
    id: typeof posted.id === 'string' ? posted.id : '',
    matchers: matchers.map((matcher, i) => readMatcher(recordOf(matcher, 'silence'), i)),
    startsAtMs,
    endsAtMs,
    updatedAtMs: nowMs,
    createdBy: String(posted.createdBy),
    comment: String(posted.comment),
  };
  if (startsAtMs >= endsAtMs) throw refusal(400, 'Failed to create silence: start time must be before end time');
  if (endsAtMs < nowMs) throw refusal(400, "Failed to create silence: end time can't be in the past");
  return silence;
}

function readMatcher(matcher: Readonly<Record<string, unknown>>, i: number) {
  for (const key of ['name', 'value', 'isRegex']) {
    if (matcher[key] === undefined || matcher[key] === null) throw required(`matchers.${i}.${key}`);
  }
  const isEqual = matcher.isEqual ?? true;
  const operator = matcher.isRegex === true ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  const name = String(matcher.name);
  const value = String(matcher.value);
  if (!isClassicLabelName(name)) {
    throw refusal(400, `silence invalid: invalid label matcher ${i}: invalid label name ${JSON.stringify(name)}`);
  }
  try {
    return createMatcher(name, operator, value);
  } catch (error) {
    const why = (error as Error).message.replace(/`\^\(\?:([\s\S]*)\)\$`/, '`$1`');
    throw refusal(
      400,
      `silence invalid: invalid label matcher ${i}: invalid regular expression ${JSON.stringify(value)}: ${why}`,
    );
  }
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw parseFailure(what, `json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value`);
}

function stringsOf(value: unknown, at: string): Readonly<Record<string, string>> {
  const record = recordOf(value, at);
  for (const [name, text] of Object.entries(record)) {
    if (typeof text !== 'string')
      throw parseFailure(at, `json: cannot unmarshal ${typeof text} into field ${name} of type string`);
  }
  return record as Readonly<Record<string, string>>;
}

/** Undefined when absent; Go's zero time is absent too. */
function timeOf(value: unknown, at: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw frameworkRefusal(422, INVALID_TYPE, `${at} in body must be of type date-time: ${JSON.stringify(value)}`);
  }
  return timeMs < 0 ? undefined : timeMs;
}

function required(key: string): AlertmanagerApiError {
  return frameworkRefusal(422, REQUIRED, `${key} in body is required`);
}

export function parseFailure(what: string, why: string): AlertmanagerApiError {
  return frameworkRefusal(400, 400, `parsing ${what} body from "" failed, because ${why}`);
}
