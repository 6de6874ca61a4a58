/**
 * All bound instruments of the process, and their hand-over to the official SDK: the registry is a MetricProducer, so
 * the SDK's readers (the Prometheus page, the periodic OTLP export) collect from it beside the SDK's own meters.
 * It exists before `configureTelemetry` so that modules can create their instruments when they are loaded; until then
 * recording costs some additions and nothing leaves.
 */
import { type HrTime, ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type Histogram as HistogramValue,
  type MetricData,
  type MetricDescriptor,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { SumCell } from './cell.ts';
import type { ExemplarPoint } from './exemplar.ts';
import { Counter, Gauge, Histogram, type Instrument, UpDownCounter } from './instrument.ts';
import { type InstrumentDefinition, SCOPE_NAME, SCOPE_VERSION } from './instrument-definition.ts';

export class InstrumentRegistry implements MetricProducer {
  readonly #instruments = new Map<string, Instrument>();
  #startTime: HrTime = hrTimeNow();

  counter(definition: InstrumentDefinition): Counter {
    return this.#create(definition, 'counter', Counter);
  }

  upDownCounter(definition: InstrumentDefinition): UpDownCounter {
    return this.#create(definition, 'upDownCounter', UpDownCounter);
  }

  gauge(definition: InstrumentDefinition): Gauge {
    return this.#create(definition, 'gauge', Gauge);
  }

  histogram(definition: InstrumentDefinition): Histogram {
    return this.#create(definition, 'histogram', Histogram);
  }

  /** Starts all series anew, as a restart of the process would; bound cells stay valid. */
  reset(): void {
    this.#startTime = hrTimeNow();
    for (const instrument of this.#instruments.values()) instrument.reset();
  }

  collect(): Promise<CollectionResult> {
    const endTime = hrTimeNow();
    const metrics: MetricData[] = [];
    for (const instrument of this.#instruments.values()) {
      const metric = metricData(instrument, this.#startTime, endTime);
      if (metric.dataPoints.length > 0) metrics.push(metric);
    }
    return Promise.resolve({
      resourceMetrics: {
        resource: emptyResource(),
        scopeMetrics: metrics.length === 0 ? [] : [{ scope: { name: SCOPE_NAME, version: SCOPE_VERSION }, metrics }],
      },
      errors: [],
    });
  }

  #create<I extends Instrument>(
    definition: InstrumentDefinition,
    kind: InstrumentDefinition['kind'],
    type: new (definition: InstrumentDefinition) => I,
  ): I {
    if (definition.kind !== kind) throw new Error(`BUG: ${definition.name} is a ${definition.kind}, not a ${kind}`);
    const known = this.#instruments.get(definition.name);
    if (known !== undefined) {
      if (known.definition !== definition) throw new Error(`BUG: instrument ${definition.name} is defined twice`);
      return known as I;
    }
    const instrument = new type(definition);
    this.#instruments.set(definition.name, instrument);
    return instrument;
  }
}

/** The instruments of this process. */
export const instruments = new InstrumentRegistry();

function metricData(instrument: Instrument, startTime: HrTime, endTime: HrTime): MetricData {
  const { definition } = instrument;
  const descriptor: MetricDescriptor = {
    name: definition.name,
    description: definition.meaning,
    unit: definition.unit,
    valueType: definition.whole === false || definition.kind === 'histogram' ? ValueType.DOUBLE : ValueType.INT,
  };
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  if (instrument instanceof Histogram) {
    const dataPoints = histogramPoints(instrument, startTime, endTime);
    return { descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = instrument.touchedCells().map((cell) => numberPoint(cell, startTime, endTime));
  if (instrument instanceof Gauge) {
    return { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints };
  }
  const isMonotonic = instrument instanceof Counter;
  return { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, dataPoints, isMonotonic };
}

function numberPoint(cell: SumCell, startTime: HrTime, endTime: HrTime): DataPoint<number> {
  const point: ExemplarPoint<number> = {
    startTime,
    endTime,
    attributes: cell.attributes,
    value: cell.value,
    exemplars: cell.exemplars(),
  };
  return point;
}

function histogramPoints(instrument: Histogram, startTime: HrTime, endTime: HrTime): DataPoint<HistogramValue>[] {
  const boundaries = [...instrument.boundaries];
  return instrument.touchedCells().map((cell) => {
    const { counts, sum, count, min, max } = cell.snapshot();
    const point: ExemplarPoint<HistogramValue> = {
      startTime,
      endTime,
      attributes: cell.attributes,
      value: { buckets: { boundaries, counts }, sum, count, min, max },
      exemplars: cell.exemplars(),
    };
    return point;
  });
}

function hrTimeNow(): HrTime {
  const nowMs = Date.now();
  return [Math.floor(nowMs / 1000), (nowMs % 1000) * 1e6];
}
