/** Places the nodes of a service map: callers left of those they call, nodes of a column in the order of their callers. */

export interface MapNode {
  readonly id: string;
  readonly title: string;
  readonly main: string;
  readonly secondary: string;
  /** Share of failures, 0 to 1. */
  readonly failed: number;
}

export interface MapEdge {
  readonly source: string;
  readonly target: string;
  readonly label: string;
}

export interface PlacedNode extends MapNode {
  readonly x: number;
  readonly y: number;
}

/** A map with more nodes than this is a ball of wool; the first of the answer are drawn. */
export const NODES_MAX = 200;

const COLUMN_PX = 190;
const ROW_PX = 104;

export function placeNodes(nodes: readonly MapNode[], edges: readonly MapEdge[]): readonly PlacedNode[] {
  const columns = columnsOf(nodes.slice(0, NODES_MAX), edges);
  const byColumn = Map.groupBy(nodes.slice(0, NODES_MAX), (node) => columns.get(node.id)!);
  const order = new Map<string, number>();
  const placed: PlacedNode[] = [];
  for (const column of [...byColumn.keys()].sort((a, b) => a - b)) {
    const callersMean = (node: MapNode) => {
      const rows = edges.filter(({ target }) => target === node.id).flatMap(({ source }) => order.get(source) ?? []);
      return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row, 0) / rows.length;
    };
    const members = byColumn
      .get(column)!
      .toSorted((a, b) => callersMean(a) - callersMean(b) || a.title.localeCompare(b.title));
    members.forEach((node, row) => {
      const centred = row - (members.length - 1) / 2;
      order.set(node.id, centred);
      placed.push({ ...node, x: column * COLUMN_PX, y: centred * ROW_PX });
    });
  }
  return placed;
}

/** The longest way from a node that nobody calls; members of a circle stay where they were first met. */
function columnsOf(nodes: readonly MapNode[], edges: readonly MapEdge[]): ReadonlyMap<string, number> {
  const called = new Set(edges.map(({ target }) => target));
  const columns = new Map(nodes.map(({ id }) => [id, 0]));
  const visit = (id: string, column: number, path: ReadonlySet<string>) => {
    if (path.has(id) || column > nodes.length || !columns.has(id)) return;
    if (column < columns.get(id)!) return;
    columns.set(id, column);
    for (const { source, target } of edges) if (source === id) visit(target, column + 1, new Set([...path, id]));
  };
  const roots = nodes.filter(({ id }) => !called.has(id));
  for (const { id } of roots.length > 0 ? roots : nodes.slice(0, 1)) visit(id, 0, new Set());
  return columns;
}
