// Metrics of a batch that is being built; the decoders and the builder write to it.
import type { MetricBatch, MetricTable } from '../model/metrics.ts';
import type { ValuePool } from '../model/value.ts';
import { U8Column, U32Column } from './growable.ts';
import { ResourceColumns, ScopeColumns } from './origin-columns.ts';
import { ExponentialColumns, HistogramColumns, NumberColumns, SummaryColumns } from './point-columns.ts';
import type { PoolColumns } from './pool.ts';
import { AttributeColumns } from './value-columns.ts';

/** The points of a metric are pushed with its index (`metrics.count`) before `metrics.end` closes it. */
export class MetricColumns<Pool extends PoolColumns = PoolColumns> {
  readonly pool: Pool;
  readonly resources: ResourceColumns;
  readonly scopes: ScopeColumns;
  readonly metrics: MetricTableColumns;
  readonly numbers: NumberColumns;
  readonly histograms: HistogramColumns;
  readonly exponentials: ExponentialColumns;
  readonly summaries: SummaryColumns;

  constructor(pool: Pool) {
    this.pool = pool;
    this.resources = new ResourceColumns(pool);
    this.scopes = new ScopeColumns(pool);
    this.metrics = new MetricTableColumns(pool);
    this.numbers = new NumberColumns(pool);
    this.histograms = new HistogramColumns(pool);
    this.exponentials = new ExponentialColumns(pool);
    this.summaries = new SummaryColumns(pool);
  }

  take(): MetricBatch {
    const pool = this.pool.take();
    const numbers = this.numbers.take(pool);
    const histograms = this.histograms.take(pool);
    const exponentials = this.exponentials.take(pool);
    const summaries = this.summaries.take(pool);
    return {
      signal: 'metrics',
      count: numbers.count + histograms.count + exponentials.count + summaries.count,
      ...pool,
      resources: this.resources.take(pool),
      scopes: this.scopes.take(pool),
      metrics: this.metrics.take(pool),
      numbers,
      histograms,
      exponentials,
      summaries,
    };
  }

  /** Forgets a half-built batch. */
  clear(): void {
    const { pool, resources, scopes, metrics, numbers, histograms, exponentials, summaries } = this;
    for (const part of [pool, resources, scopes, metrics, numbers, histograms, exponentials, summaries]) part.clear();
  }
}

export class MetricTableColumns {
  readonly metadata: AttributeColumns;
  private readonly name = new U32Column();
  private readonly description = new U32Column();
  private readonly unit = new U32Column();
  private readonly type = new U8Column();
  private readonly temporality = new U8Column();
  private readonly monotonic = new U8Column();
  private readonly resource = new U32Column();
  private readonly scope = new U32Column();

  constructor(pool: PoolColumns) {
    this.metadata = new AttributeColumns(pool);
  }

  get count(): number {
    return this.name.length;
  }

  end(metric: {
    name: number;
    description: number;
    unit: number;
    type: number;
    temporality: number;
    monotonic: number;
    resource: number;
    scope: number;
  }): void {
    this.metadata.endOwner();
    this.name.push(metric.name);
    this.description.push(metric.description);
    this.unit.push(metric.unit);
    this.type.push(metric.type);
    this.temporality.push(metric.temporality);
    this.monotonic.push(metric.monotonic);
    this.resource.push(metric.resource);
    this.scope.push(metric.scope);
  }

  take(pool: ValuePool): MetricTable {
    return {
      count: this.count,
      name: this.name.take(),
      description: this.description.take(),
      unit: this.unit.take(),
      type: this.type.take(),
      temporality: this.temporality.take(),
      monotonic: this.monotonic.take(),
      metadata: this.metadata.takeAttributes(pool),
      resource: this.resource.take(),
      scope: this.scope.take(),
    };
  }

  clear(): void {
    this.metadata.clear();
    for (const column of [this.name, this.description, this.unit, this.resource, this.scope]) column.clear();
    for (const column of [this.type, this.temporality, this.monotonic]) column.clear();
  }
}
