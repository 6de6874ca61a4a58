// The strings, large integers and nested values of a batch that is being built.
import type { AnyValue } from '../model/value.ts';

export class PoolColumns {
  strings: string[] = [''];
  bigints: bigint[] = [];
  complex: AnyValue[] = [];

  /** Hands over what was collected and starts anew. */
  take(): { strings: string[]; bigints: bigint[]; complex: AnyValue[] } {
    const taken = { strings: this.strings, bigints: this.bigints, complex: this.complex };
    this.clear();
    return taken;
  }

  clear(): void {
    this.strings = [''];
    this.bigints = [];
    this.complex = [];
  }
}

/** A pool that gives equal strings one id, for producers that hold JavaScript strings. */
export class InterningPool extends PoolColumns {
  private ids = new Map<string, number>([['', 0]]);

  id(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.strings.length;
    this.strings.push(text);
    this.ids.set(text, id);
    return id;
  }

  override clear(): void {
    super.clear();
    this.ids = new Map([['', 0]]);
  }
}
