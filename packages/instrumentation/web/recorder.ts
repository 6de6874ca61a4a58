// What the parts of this package record with: one page, its trace, its session, and the sender.

import type { PageSettings } from './page-settings.ts';
import type { Sender } from './sender.ts';
import { newSpanId, newTraceId, randomHex, type SpanParent } from './trace-context.ts';
import type { Attributes, FinishedSpan, LogRecord } from './wire.ts';

const SESSION_KEY = 'mario.session';
const SESSION_ID_BYTES = 16;

export class Recorder {
  readonly settings: PageSettings;
  /** The span of the page's load, under the server's span when there is one. */
  readonly pageSpan: SpanParent;
  readonly parentSpanId: string | undefined;
  readonly #sender: Pick<Sender, 'addSpan' | 'addLog'>;
  readonly #common: Attributes;

  constructor(settings: PageSettings, sender: Pick<Sender, 'addSpan' | 'addLog'>, sessionId: string) {
    this.settings = settings;
    this.#sender = sender;
    this.#common = { 'session.id': sessionId };
    this.parentSpanId = settings.parent?.spanId;
    this.pageSpan = {
      traceId: settings.parent?.traceId ?? newTraceId(),
      spanId: newSpanId(),
      // The server has decided for the whole trace; a page that stands alone is always told.
      sampled: settings.parent?.sampled ?? true,
    };
  }

  /** Not sampled means not sent: the server that made this page keeps nothing of the trace either. */
  span(span: FinishedSpan): void {
    if (!this.pageSpan.sampled) return;
    this.#sender.addSpan({ ...span, attributes: { ...span.attributes, ...this.#common } });
  }

  /** An event on this page; it belongs to the page's trace. */
  event(event: Pick<LogRecord, 'timeMs' | 'severity' | 'eventName' | 'body' | 'attributes'>): void {
    const { traceId, spanId } = this.pageSpan;
    const attributes = { ...event.attributes, 'url.template': this.settings.route, ...this.#common };
    this.#sender.addLog({ ...event, attributes, traceId, spanId });
  }
}

/** Random, of this tab alone, gone with it. Storage may be forbidden; the session is then one page long. */
export function sessionIdOf(storage: () => Pick<Storage, 'getItem' | 'setItem'>): string {
  try {
    const known = storage().getItem(SESSION_KEY);
    if (known !== null && /^[\da-f]{32}$/.test(known)) return known;
    const fresh = randomHex(SESSION_ID_BYTES);
    storage().setItem(SESSION_KEY, fresh);
    return fresh;
  } catch {
    return randomHex(SESSION_ID_BYTES);
  }
}
