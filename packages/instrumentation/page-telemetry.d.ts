// What programs without a browser's types may know of `web/page-telemetry.ts`.

/** `page` is a window, or a stand-in with the parts that `web/` uses. A page that names no collector is left alone. */
export function startPageTelemetry(page: object): void;
