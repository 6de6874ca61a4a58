// Begins the telemetry of one page: its load, its web vitals, its fetches and its errors, sent to the collector that the
// page names. Whatever offers the parts of a window that are used here is a page, in a browser or in a simulation.

import { recordErrors } from './page-errors.ts';
import { recordPageLoad } from './page-load.ts';
import { readPageSettings } from './page-settings.ts';
import { Recorder, sessionIdOf } from './recorder.ts';
import { Sender } from './sender.ts';
import { traceFetches } from './traced-fetch.ts';
import { watchWebVitals } from './web-vitals.ts';
import { resourceJson } from './wire.ts';

/** A page that names no collector is left alone. Call it before the page's own scripts, once. */
export function startPageTelemetry(page: Window & typeof globalThis): void {
  const settings = readPageSettings(page.document);
  if (settings === undefined) return;
  const sender = new Sender({
    collectorUrl: settings.collectorUrl,
    resource: resourceJson(settings, page.navigator),
    fetch: page.fetch.bind(page),
    setTimeout: page.setTimeout.bind(page),
  });
  const recorder = new Recorder(
    settings,
    sender,
    sessionIdOf(() => page.sessionStorage),
  );
  recordErrors(page, recorder);
  traceFetches(page, recorder);
  const endVitals = watchWebVitals(page, recorder);

  let loadRecorded = false;
  const recordLoad = () => {
    if (loadRecorded) return;
    loadRecorded = true;
    recordPageLoad(recorder, page.performance);
  };
  // The event's own end is part of the load, so it is measured a moment later.
  if (page.document.readyState === 'complete') recordLoad();
  else page.addEventListener('load', () => page.setTimeout(recordLoad, 0), { once: true });

  // Phones end a page without any further event than this one.
  page.document.addEventListener('visibilitychange', () => {
    if (page.document.visibilityState === 'hidden') leave();
  });
  page.addEventListener('pagehide', leave);

  function leave(): void {
    recordLoad();
    endVitals();
    sender.flushBeforeLeaving();
  }
}
