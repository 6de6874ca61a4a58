// The pizzeria with its telemetry: what `mario pizzeria` runs. Only here is the OpenTelemetry SDK set up.

import { configureTelemetry } from '@mario/instrumentation';
import {
  PIZZERIA_SERVICE_NAME,
  PIZZERIA_VERSION,
  type PizzeriaOptions,
  type RunningPizzeria,
  startPizzeria,
} from './index.ts';
import { pizzeriaInstruments } from './main/pizzeria-instruments.ts';

export { identitySettings } from './main/identity-settings.ts';

/** Resolves when customers can order. Closing sends what telemetry is left, then ends it. */
export async function runPizzeria(options: Omit<PizzeriaOptions, 'instruments'>): Promise<RunningPizzeria> {
  const telemetry = configureTelemetry({ serviceName: PIZZERIA_SERVICE_NAME, serviceVersion: PIZZERIA_VERSION });
  try {
    const browser = { otlpUrl: options.browserOtlpUrl, serviceVersion: PIZZERIA_VERSION };
    const instruments = pizzeriaInstruments(telemetry, {}, browser, options.speed);
    const pizzeria = await startPizzeria({ ...options, instruments });
    return {
      address: pizzeria.address,
      close: async () => {
        await pizzeria.close();
        await telemetry.shutdown();
      },
    };
  } catch (error) {
    await telemetry.shutdown();
    throw error;
  }
}
