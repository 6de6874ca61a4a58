/**
 * Lets tests import @grafana/data in Node: its ES module build imports names from moment-timezone that Node does not
 * see, its CommonJS build loads. Bundlers, which the page is made with, take either. Import this file first, then
 * import what needs @grafana/data with `await import(…)`.
 */
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const commonJs = pathToFileURL(createRequire(import.meta.url).resolve('@grafana/data')).href;

registerHooks({
  resolve(specifier, context, next) {
    return specifier === '@grafana/data' ? { url: commonJs, shortCircuit: true } : next(specifier, context);
  },
});

// After loading, because some of its dependencies take a window for a whole browser.
await import('@grafana/data');

// Transformations ask the window whether they run inside of Grafana's scenes.
(globalThis as { window?: object }).window ??= {};
