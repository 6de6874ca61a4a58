// What tests and fuzz targets take from this package.
export { randomLogs, randomMetrics, randomSpans } from './generate.ts';
export { plainBatch } from './plain.ts';
export { Random } from './random.ts';
