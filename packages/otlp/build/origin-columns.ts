// Resources and scopes of a batch that is being built.
import type { ResourceTable, ScopeTable } from '../model/origin.ts';
import type { ValuePool } from '../model/value.ts';
import { U32Column } from './growable.ts';
import type { PoolColumns } from './pool.ts';
import { AttributeColumns } from './value-columns.ts';

/** A resource's attributes are pushed first, then `end` closes it. */
export class ResourceColumns {
  readonly attributes: AttributeColumns;
  private readonly schemaUrl = new U32Column();
  private readonly dropped = new U32Column();

  constructor(pool: PoolColumns) {
    this.attributes = new AttributeColumns(pool);
  }

  get count(): number {
    return this.schemaUrl.length;
  }

  end(schemaUrl: number, dropped: number): void {
    this.attributes.endOwner();
    this.schemaUrl.push(schemaUrl);
    this.dropped.push(dropped);
  }

  take(pool: ValuePool): ResourceTable {
    const { count } = this;
    const attributes = this.attributes.takeAttributes(pool);
    return { count, attributes, schemaUrl: this.schemaUrl.take(), dropped: this.dropped.take() };
  }

  clear(): void {
    this.attributes.clear();
    this.schemaUrl.clear();
    this.dropped.clear();
  }
}

/** A scope's attributes are pushed first, then `end` closes it. */
export class ScopeColumns {
  readonly attributes: AttributeColumns;
  private readonly name = new U32Column();
  private readonly version = new U32Column();
  private readonly schemaUrl = new U32Column();
  private readonly dropped = new U32Column();

  constructor(pool: PoolColumns) {
    this.attributes = new AttributeColumns(pool);
  }

  get count(): number {
    return this.name.length;
  }

  end(name: number, version: number, schemaUrl: number, dropped: number): void {
    this.attributes.endOwner();
    this.name.push(name);
    this.version.push(version);
    this.schemaUrl.push(schemaUrl);
    this.dropped.push(dropped);
  }

  take(pool: ValuePool): ScopeTable {
    return {
      count: this.count,
      attributes: this.attributes.takeAttributes(pool),
      name: this.name.take(),
      version: this.version.take(),
      schemaUrl: this.schemaUrl.take(),
      dropped: this.dropped.take(),
    };
  }

  clear(): void {
    this.attributes.clear();
    for (const column of [this.name, this.version, this.schemaUrl, this.dropped]) column.clear();
  }
}
