// What the three batch builders have in common: the current resource and scope.
import { type AttributesInput, plainAttributes } from './attribute-input.ts';
import type { ResourceColumns, ScopeColumns } from './origin-columns.ts';
import type { InterningPool } from './pool.ts';

interface Columns {
  readonly pool: InterningPool;
  readonly resources: ResourceColumns;
  readonly scopes: ScopeColumns;
}

/** Records pushed before the first `resource` or `scope` get an empty one. */
export class BatchBuilder {
  protected readonly id: (text: string) => number;
  private readonly origin: Columns;

  constructor(columns: Columns) {
    this.origin = columns;
    this.id = (text) => columns.pool.id(text);
  }

  /** What is added from now on comes from this resource, and from an unnamed scope until `scope` is called. */
  resource(attributes: AttributesInput, options: { schemaUrl?: string; dropped?: number } = {}): this {
    const { resources, scopes } = this.origin;
    for (const [key, value] of plainAttributes(attributes)) {
      resources.attributes.pushKey(this.id(key));
      resources.attributes.pushPlain(value, this.id);
    }
    resources.end(this.id(options.schemaUrl ?? ''), options.dropped ?? 0);
    scopes.end(0, 0, 0, 0);
    return this;
  }

  /** What is added from now on comes from this instrumentation scope. */
  scope(
    name: string,
    version = '',
    options: { attributes?: AttributesInput; schemaUrl?: string; dropped?: number } = {},
  ): this {
    const { scopes } = this.origin;
    for (const [key, value] of plainAttributes(options.attributes)) {
      scopes.attributes.pushKey(this.id(key));
      scopes.attributes.pushPlain(value, this.id);
    }
    scopes.end(this.id(name), this.id(version), this.id(options.schemaUrl ?? ''), options.dropped ?? 0);
    return this;
  }

  protected currentResource(): number {
    if (this.origin.resources.count === 0) this.resource({});
    return this.origin.resources.count - 1;
  }

  protected currentScope(): number {
    return this.origin.scopes.count - 1;
  }
}
