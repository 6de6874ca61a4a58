// The pizzeria with its telemetry: what `mario pizzeria` runs. Only here is the OpenTelemetry SDK set up.

import { configureTelemetry } from '@mario/instrumentation';
import { type PizzeriaOptions, type RunningPizzeria, startPizzeria } from './index.ts';
import { pizzeriaInstruments } from './main/pizzeria-instruments.ts';

/** As in every query of the dashboards; OTEL_SERVICE_NAME wins. */
const SERVICE_NAME = 'mario-pizzeria';

/** Resolves when customers can order. Closing sends what telemetry is left, then ends it. */
export async function runPizzeria(options: Omit<PizzeriaOptions, 'instruments'>): Promise<RunningPizzeria> {
  const telemetry = configureTelemetry({ serviceName: SERVICE_NAME, serviceVersion: '0.1.0' });
  try {
    const pizzeria = await startPizzeria({ ...options, instruments: pizzeriaInstruments(telemetry) });
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
