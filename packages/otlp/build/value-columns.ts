// Values and attributes of a batch that is being built.
import type { AttributeTable } from '../model/attributes.ts';
import { type AnyValue, type ValueColumn, type ValuePool, ValueType } from '../model/value.ts';
import { F64Column, U8Column, U32Column } from './growable.ts';
import type { PoolColumns } from './pool.ts';

export class ValueColumns {
  readonly types = new U8Column();
  readonly payload = new F64Column();
  readonly pool: PoolColumns;

  constructor(pool: PoolColumns) {
    this.pool = pool;
  }

  push(type: number, payload: number): void {
    this.types.push(type);
    this.payload.push(payload);
  }

  /** Pushes a plain value; `id` gives the id of a string. */
  pushPlain(value: AnyValue, id: (text: string) => number): void {
    if (value === null) this.push(ValueType.empty, 0);
    else if (typeof value === 'string') this.push(ValueType.string, id(value));
    else if (typeof value === 'boolean') this.push(ValueType.bool, value ? 1 : 0);
    else if (typeof value === 'number') this.push(ValueType.double, value);
    else if (typeof value === 'bigint') this.pushBigInt(value);
    else this.pushComplex(complexType(value), value);
  }

  pushBigInt(value: bigint): void {
    const number = Number(value);
    if (Number.isSafeInteger(number)) this.push(ValueType.int, number);
    else this.push(ValueType.bigint, this.pool.bigints.push(BigInt.asIntN(64, value)) - 1);
  }

  pushComplex(type: number, value: AnyValue): void {
    this.push(type, this.pool.complex.push(value) - 1);
  }

  /** Takes the last value back. */
  pop(): void {
    this.types.length--;
    this.payload.length--;
  }

  takeValues(pool: ValuePool): ValueColumn {
    return { types: this.types.take(), payload: this.payload.take(), ...poolOf(pool) };
  }

  clear(): void {
    this.types.clear();
    this.payload.clear();
  }
}

/** The rows of one owner are pushed one after the other, then `endOwner` closes them. */
export class AttributeColumns extends ValueColumns {
  readonly keys = new U32Column();
  readonly offsets = new U32Column();

  constructor(pool: PoolColumns) {
    super(pool);
    this.offsets.push(0);
  }

  get owners(): number {
    return this.offsets.length - 1;
  }

  /** The caller pushes the key's value next. */
  pushKey(id: number): void {
    this.keys.push(id);
  }

  endOwner(): void {
    this.offsets.push(this.keys.length);
  }

  /** Pushes all attributes of one owner and closes it. */
  pushOwner(attributes: Iterable<readonly [string, AnyValue]>, id: (text: string) => number): void {
    for (const [key, value] of attributes) {
      this.pushKey(id(key));
      this.pushPlain(value, id);
    }
    this.endOwner();
  }

  takeAttributes(pool: ValuePool): AttributeTable {
    const taken = {
      offsets: this.offsets.take(),
      keys: this.keys.take(),
      types: this.types.take(),
      payload: this.payload.take(),
      ...poolOf(pool),
    };
    this.offsets.push(0);
    return taken;
  }

  override clear(): void {
    super.clear();
    this.keys.clear();
    this.offsets.clear();
    this.offsets.push(0);
  }
}

function complexType(value: AnyValue): number {
  if (value instanceof Uint8Array) return ValueType.bytes;
  return value instanceof Map ? ValueType.kvlist : ValueType.array;
}

function poolOf(pool: ValuePool): ValuePool {
  return { strings: pool.strings, bigints: pool.bigints, complex: pool.complex };
}
