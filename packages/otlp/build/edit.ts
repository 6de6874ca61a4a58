// Changed copies of batches: new attribute tables over the strings of the old batch and whatever strings come new.
import type { AttributeTable } from '../model/attributes.ts';
import { attributeMap } from '../model/attributes.ts';
import type { AnyValue, ValuePool } from '../model/value.ts';
import { PoolColumns } from './pool.ts';
import { AttributeColumns } from './value-columns.ts';

/**
 * The strings and values of `batch` with room for more. Tables that are not edited keep working: ids are only added.
 * Spread `edited.pool` over the batch together with the edited tables.
 */
export class BatchEdit {
  private readonly columns = new PoolColumns();
  private readonly ids = new Map<string, number>();

  constructor(batch: ValuePool) {
    this.columns.strings = [...batch.strings];
    this.columns.bigints = [...batch.bigints];
    this.columns.complex = [...batch.complex];
    batch.strings.forEach((text, id) => {
      if (!this.ids.has(text)) this.ids.set(text, id);
    });
  }

  get pool(): ValuePool {
    return this.columns;
  }

  /** The id of a string, new or old. */
  id(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.columns.strings.push(text) - 1;
    this.ids.set(text, id);
    return id;
  }

  /** A copy of `table` in which `edit` has changed the attributes of each owner. */
  attributes(table: AttributeTable, edit: (attributes: Map<string, AnyValue>, owner: number) => void): AttributeTable {
    const columns = new AttributeColumns(this.columns);
    const id = (text: string) => this.id(text);
    for (let owner = 0; owner < table.offsets.length - 1; owner++) {
      const attributes = attributeMap(table, owner);
      edit(attributes, owner);
      columns.pushOwner(attributes, id);
    }
    return columns.takeAttributes(this.columns);
  }
}
