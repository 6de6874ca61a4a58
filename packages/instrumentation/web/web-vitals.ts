// Core web vitals as events (`browser.web_vital` of the semantic conventions): each once a page, milliseconds except for
// the layout shift, which has no unit.

import { InteractionDelay } from './interaction-delay.ts';
import { LayoutShift } from './layout-shift.ts';
import type { Recorder } from './recorder.ts';
import { randomHex } from './trace-context.ts';

/** Up to the first is good, above the second is poor (https://web.dev/articles/vitals). */
const THRESHOLDS = {
  ttfb: [800, 1800],
  fcp: [1800, 3000],
  lcp: [2500, 4000],
  inp: [200, 500],
  cls: [0.1, 0.25],
} as const;

export type VitalName = keyof typeof THRESHOLDS;

/** Events shorter than this are not reported by the browser, save the first one; they are good anyway. */
const EVENT_MS_MIN = 40;
const PAGE_ID_BYTES = 8;

/** What browsers report and the standard type library does not know yet. */
interface VitalEntry extends PerformanceEntry {
  readonly hadRecentInput?: boolean;
  readonly value?: number;
  readonly interactionId?: number;
}

export function ratingOf(name: VitalName, value: number): 'good' | 'needs-improvement' | 'poor' {
  const [good, poor] = THRESHOLDS[name];
  if (value <= good) return 'good';
  return value <= poor ? 'needs-improvement' : 'poor';
}

/** Returns what must be called when the page is hidden for the first time: only then the last three are known. */
export function watchWebVitals(page: Window & typeof globalThis, recorder: Recorder): () => void {
  const { performance: timing } = page;
  const navigation = timing.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
  const activationMs = (navigation as { activationStart?: number } | undefined)?.activationStart ?? 0;
  const told = new Set<VitalName>();
  const tell = (name: VitalName, value: number) => {
    if (told.has(name)) return;
    told.add(name);
    recordVital(recorder, name, value, navigation?.type ?? 'navigate');
  };

  if (navigation !== undefined && navigation.responseStart > 0) {
    tell('ttfb', Math.max(0, navigation.responseStart - activationMs));
  }
  // A page that begins in a background tab paints when somebody looks at it, which says nothing about its speed.
  const visible = page.document.visibilityState === 'visible';
  let lcpMs: number | undefined;
  const shift = new LayoutShift();
  const delay = new InteractionDelay();
  if (visible) {
    watch(page, 'paint', (entry) => {
      if (entry.name === 'first-contentful-paint') tell('fcp', Math.max(0, entry.startTime - activationMs));
    });
    watch(page, 'largest-contentful-paint', (entry) => {
      lcpMs = Math.max(0, entry.startTime - activationMs);
    });
  }
  watch(page, 'layout-shift', ({ hadRecentInput, startTime, value = 0 }) => {
    if (!hadRecentInput) shift.add(startTime, value);
  });
  // The first input is reported however short it was, so that a page that somebody touched has a value.
  for (const type of ['event', 'first-input']) {
    watch(page, type, ({ interactionId = 0, duration }) => delay.add(interactionId, duration));
  }

  const tellLcp = () => {
    if (lcpMs !== undefined) tell('lcp', lcpMs);
  };
  // After the first key or click the browser looks for no larger paint.
  for (const input of ['keydown', 'click']) page.addEventListener(input, tellLcp, { once: true, capture: true });
  return () => {
    tellLcp();
    if (visible) tell('cls', shift.value);
    const inpMs = delay.value((timing as { interactionCount?: number }).interactionCount);
    if (inpMs !== undefined) tell('inp', inpMs);
  };
}

function watch(page: Window & typeof globalThis, type: string, take: (entry: VitalEntry) => void): void {
  const { PerformanceObserver } = page;
  if (!PerformanceObserver.supportedEntryTypes.includes(type)) return;
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
  observer.observe({ type, buffered: true, ...(type === 'event' && { durationThreshold: EVENT_MS_MIN }) });
}

function recordVital(recorder: Recorder, name: VitalName, value: number, navigationType: string): void {
  // A thousandth is finer than any of the thresholds needs.
  const rounded = Math.round(value * 1000) / 1000;
  const body = { name, value: rounded, delta: rounded, id: `v1-${randomHex(PAGE_ID_BYTES)}` };
  recorder.event({
    timeMs: Date.now(),
    severity: 'info',
    eventName: 'browser.web_vital',
    body,
    attributes: {
      'browser.web_vital.name': name,
      'browser.web_vital.value': rounded,
      'browser.web_vital.rating': ratingOf(name, value),
      'browser.navigation.type': navigationType.replaceAll('_', '-'),
    },
  });
}
