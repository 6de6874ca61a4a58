// Errors that nobody caught, as log records with the attributes that the conventions name for exceptions.

import type { Recorder } from './recorder.ts';
import { redactMessage, redactStack } from './redact.ts';

/** A script that fails on each frame must not become a flood. */
const ERRORS_MAX = 20;

export function recordErrors(page: Window, recorder: Recorder): void {
  let told = 0;
  const record = (error: unknown, message: string, handler: string) => {
    if (told >= ERRORS_MAX) return;
    told += 1;
    const known = error instanceof Error ? error : undefined;
    const text = redactMessage(known?.message ?? message);
    recorder.event({
      timeMs: Date.now(),
      severity: 'error',
      eventName: 'exception',
      body: text,
      attributes: {
        'exception.type': known?.name ?? 'Error',
        'exception.message': text,
        'exception.stacktrace': known?.stack === undefined ? undefined : redactStack(known.stack),
        'browser.error.handler': handler,
      },
    });
  };
  page.addEventListener('error', (event) => record(event.error, event.message, 'error'));
  page.addEventListener('unhandledrejection', ({ reason }) => record(reason, String(reason), 'unhandledrejection'));
}
