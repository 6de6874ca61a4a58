/** The release of the official SDK (@opentelemetry/sdk-trace, sdk-metrics) underneath; a test holds it in step. */
export const SDK_VERSION = '2.12.1';
