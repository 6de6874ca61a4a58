// The page's load as spans: the whole, the document, and the scripts and style sheets that it waited for. The names are
// those of the OpenTelemetry instrumentation for document loads, with the route behind them.

import type { Recorder } from './recorder.ts';
import { newSpanId } from './trace-context.ts';
import { urlTemplate } from './url-template.ts';
import { SPAN_KIND } from './wire.ts';

/** A page of ours waits for about ten files, or for two dozen when its modules are served unbundled. */
const RESOURCES_MAX = 24;
const WAITED_FOR: ReadonlySet<string> = new Set(['link', 'script', 'css']);
/** Moments of the navigation that become events of its span. */
const MOMENTS = ['domInteractive', 'domContentLoadedEventEnd', 'domComplete', 'loadEventEnd'] as const;

/** Call it after the load event has ended; `timing` is the window's `performance`. */
export function recordPageLoad(recorder: Recorder, timing: Performance): void {
  const navigation = timing.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
  if (navigation === undefined) return;
  const at = (ms: number) => timing.timeOrigin + ms;
  const { pageSpan, parentSpanId, settings } = recorder;
  const template = { 'url.template': settings.route };
  recorder.span({
    traceId: pageSpan.traceId,
    spanId: pageSpan.spanId,
    ...(parentSpanId && { parentSpanId }),
    name: `documentLoad ${settings.route}`,
    kind: SPAN_KIND.internal,
    startMs: at(navigation.fetchStart),
    endMs: at(navigation.loadEventEnd),
    attributes: { ...template, 'browser.navigation.type': navigation.type },
    events: momentsOf(navigation, timing).map(([name, ms]) => ({ name, timeMs: at(ms) })),
  });
  const child = (name: string, entry: PerformanceResourceTiming, attributes: Record<string, string | number>) =>
    recorder.span({
      traceId: pageSpan.traceId,
      spanId: newSpanId(),
      parentSpanId: pageSpan.spanId,
      name,
      kind: SPAN_KIND.internal,
      startMs: at(entry.fetchStart),
      endMs: at(entry.responseEnd),
      attributes: { ...attributes, 'http.response.body.size': entry.encodedBodySize },
    });
  child(`documentFetch ${settings.route}`, navigation, template);
  const resources = (timing.getEntriesByType('resource') as PerformanceResourceTiming[])
    .filter((entry) => WAITED_FOR.has(entry.initiatorType))
    .slice(0, RESOURCES_MAX);
  for (const entry of resources) {
    const { pathname } = new URL(entry.name);
    child('resourceFetch', entry, {
      'url.template': urlTemplate(pathname),
      // The plain name of our own file, without the hash of its content.
      'browser.resource.name': pathname
        .split('/')
        .at(-1)!
        .replace(/\.[\w-]{10}\./, '.'),
    });
  }
}

function momentsOf(navigation: PerformanceNavigationTiming, timing: Performance): [string, number][] {
  const paints = timing.getEntriesByType('paint').map((entry): [string, number] => [entry.name, entry.startTime]);
  const moments = MOMENTS.map((name): [string, number] => [name, navigation[name]]);
  return [...moments, ...paints].filter(([, ms]) => ms > 0).sort(([, left], [, right]) => left - right);
}
