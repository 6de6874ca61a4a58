/** A map of who calls whom: nodes with their figures, a ring for the share of failures, arrows for calls. */
import { useMemo } from 'react';
import { type DataFrame, formattedValueToString } from '../../model/frames/grafana-data.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { Empty } from '../ui/states.tsx';
import './node-graph.css';
import { type MapEdge, type MapNode, placeNodes } from './node-layout.ts';

const RADIUS = 26;
const MARGIN = 70;

export default function NodeGraphPanel({ data }: { readonly data: PanelData }) {
  const { nodes, edges } = useMemo(() => graphOf(data.frames), [data.frames]);
  const placed = useMemo(() => placeNodes(nodes, edges), [nodes, edges]);
  if (placed.length === 0)
    return <Empty title="No calls between services">Nothing called another service in this time range.</Empty>;
  const byId = new Map(placed.map((node) => [node.id, node]));
  const xs = placed.map(({ x }) => x);
  const ys = placed.map(({ y }) => y);
  const left = Math.min(...xs) - MARGIN;
  const top = Math.min(...ys) - MARGIN;
  const view = `${left} ${top} ${Math.max(...xs) + MARGIN - left} ${Math.max(...ys) + MARGIN - top}`;
  return (
    <svg
      className="node-graph"
      viewBox={view}
      role="img"
      aria-label={`Service map of ${placed.map(({ title }) => title).join(', ')}`}
    >
      <defs>
        <marker id="node-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 8 4 0 8z" fill="var(--ink-3)" />
        </marker>
      </defs>
      {edges.map(({ source, target, label }) => {
        const from = byId.get(source);
        const to = byId.get(target);
        if (from === undefined || to === undefined || from === to) return null;
        const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
        const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
        return (
          <g key={`${source} ${target}`}>
            <line
              x1={from.x + ux * RADIUS}
              y1={from.y + uy * RADIUS}
              x2={to.x - ux * (RADIUS + 3)}
              y2={to.y - uy * (RADIUS + 3)}
              markerEnd="url(#node-arrow)"
            />
            <text x={(from.x + to.x) / 2} y={(from.y + to.y) / 2 - 5} className="node-edge">
              {label}
            </text>
          </g>
        );
      })}
      {placed.map((node) => (
        <g key={node.id} transform={`translate(${node.x} ${node.y})`}>
          <title>{`${node.title}\n${node.main} ${node.secondary}`}</title>
          <circle r={RADIUS} className="node-ring" />
          {node.failed > 0 && (
            <circle
              r={RADIUS}
              className="node-failed"
              pathLength="100"
              strokeDasharray={`${node.failed * 100} 100`}
              transform="rotate(-90)"
            />
          )}
          <text className="node-main" y="-2">
            {node.main}
          </text>
          <text className="node-secondary" y="11">
            {node.secondary}
          </text>
          <text className="node-title" y={RADIUS + 15}>
            {node.title}
          </text>
        </g>
      ))}
    </svg>
  );
}

/** The frames `nodes` and `edges`, with Grafana's field names. */
function graphOf(frames: readonly DataFrame[]): {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
} {
  const edgesFrame = frames.find(
    ({ fields }) => fields.some(({ name }) => name === 'source') && fields.some(({ name }) => name === 'target'),
  );
  const nodesFrame = frames.find((frame) => frame !== edgesFrame && frame.fields.some(({ name }) => name === 'id'));
  const rows = (frame: DataFrame | undefined) => Array.from({ length: frame?.length ?? 0 }, (_, row) => row);
  return {
    nodes: rows(nodesFrame).map((row) => ({
      id: text(nodesFrame!, 'id', row),
      title: text(nodesFrame!, 'title', row) || text(nodesFrame!, 'id', row),
      main: text(nodesFrame!, 'mainstat', row),
      secondary: text(nodesFrame!, 'secondarystat', row),
      failed: Number(nodesFrame!.fields.find(({ name }) => /^arc__(failed|errors)$/.test(name))?.values[row] ?? 0),
    })),
    edges: rows(edgesFrame).map((row) => ({
      source: text(edgesFrame!, 'source', row),
      target: text(edgesFrame!, 'target', row),
      label: text(edgesFrame!, 'mainstat', row),
    })),
  };
}

function text(frame: DataFrame, name: string, row: number): string {
  const field = frame.fields.find((candidate) => candidate.name.toLowerCase() === name);
  const value: unknown = field?.values[row];
  if (value == null) return '';
  return typeof value === 'number' && field!.display !== undefined
    ? formattedValueToString(field!.display(value))
    : String(value);
}
