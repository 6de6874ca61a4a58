/** What OpenMetrics demands of the samples of one histogram: order, completeness, agreement of count and sum. */
import { groupKey } from './family-type.ts';
import type { StrictSample } from './sample-line.ts';
import { OpenMetricsError } from './strict-error.ts';

interface Point {
  count: number | undefined;
  bound: number | undefined;
  value: number;
  negativeBound: boolean;
  sum: boolean;
  gaugeSum: boolean;
  negativeGaugeSum: boolean;
}

const newPoint = (): Point => ({
  count: undefined,
  bound: undefined,
  value: 0,
  negativeBound: false,
  sum: false,
  gaugeSum: false,
  negativeGaugeSum: false,
});

/** Throws unless the samples of family `name` form whole histograms. `line` is where the family ends. */
export function checkHistogram(name: string, samples: readonly StrictSample[], line: number): void {
  let group: string | undefined;
  let timestamp: number | undefined;
  let point = newPoint();
  for (const sample of samples) {
    const key = groupKey(sample, name, 'histogram');
    if (key !== group || sample.timestamp !== timestamp) {
      if (group !== undefined) checkPoint(name, point, line);
      point = newPoint();
    }
    group = key;
    timestamp = sample.timestamp;
    addSample(name, point, sample, line);
  }
  if (group !== undefined) checkPoint(name, point, line);
}

function addSample(name: string, point: Point, sample: StrictSample, line: number): void {
  switch (sample.name.slice(name.length)) {
    case '_bucket': {
      const bound = Number(sample.labels.get('le')!.replace('Inf', 'Infinity'));
      if (bound < 0) point.negativeBound = true;
      if (point.bound !== undefined && bound <= point.bound) {
        throw new OpenMetricsError(line, `the buckets of ${name} are out of order`);
      }
      if (sample.value < point.value) throw new OpenMetricsError(line, `the bucket values of ${name} go down`);
      point.bound = bound;
      point.value = sample.value;
      break;
    }
    case '_count':
    case '_gcount':
      point.count = sample.value;
      break;
    case '_sum':
      point.sum = true;
      break;
    case '_gsum':
      point.gaugeSum = true;
      if (sample.value < 0) point.negativeGaugeSum = true;
      break;
  }
}

function checkPoint(name: string, point: Point, line: number): void {
  const refuse = (problem: string): never => {
    throw new OpenMetricsError(line, `histogram ${name}: ${problem}`);
  };
  if (point.bound !== Infinity) refuse('the +Inf bucket is missing');
  if (point.count !== undefined && point.count !== point.value) refuse('the count differs from the +Inf bucket');
  if ((point.sum || point.gaugeSum) && point.count === undefined) refuse('a sum without a count');
  if (!point.sum && !point.gaugeSum && point.count !== undefined) refuse('a count without a sum');
  if (point.negativeBound && point.sum) refuse('a sum beside negative buckets');
  if (!point.negativeBound && point.negativeGaugeSum) refuse('a negative sum without negative buckets');
}
