// The payment provider with its telemetry: what `mario payments` runs.

import { configureTelemetry } from '@mario/instrumentation';
import { type PaymentProviderOptions, type RunningPaymentProvider, startPaymentProvider } from './payment-provider.ts';

const SERVICE_NAME = 'payment-provider';

/**
 * Another company: we see its side of a trace, but not its metrics. They would be counted as the pizzeria's on path B,
 * where one scrape job carries whatever was sent to the collector.
 */
const OF_ANOTHER_COMPANY = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

/** Resolves when it answers. Closing sends what traces are left, then ends them. */
export async function runPaymentProvider(options: PaymentProviderOptions): Promise<RunningPaymentProvider> {
  const environment = { ...process.env, ...OF_ANOTHER_COMPANY };
  const telemetry = configureTelemetry({ serviceName: SERVICE_NAME, serviceVersion: '0.1.0', environment });
  try {
    const provider = await startPaymentProvider(options);
    return {
      address: provider.address,
      async close() {
        await provider.close();
        await telemetry.shutdown();
      },
    };
  } catch (error) {
    await telemetry.shutdown();
    throw error;
  }
}
