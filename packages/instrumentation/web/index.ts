// What a page includes: tells the collector how it does. Nothing here may ever break a page.

import { startPageTelemetry } from './page-telemetry.ts';

try {
  startPageTelemetry(window);
} catch (error) {
  console.debug('telemetry of this page is off:', error);
}
