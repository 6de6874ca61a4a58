/** Values on arcs between their least and their most, with the thresholds around. */
import { useRef } from 'react';
import { type FieldDisplay, formattedValueToString } from '../../model/frames/grafana-data.ts';
import { asBoolean } from '../../model/json.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { useSize } from '../ui/use-size.ts';
import './single-value.css';
import { displayValues } from './panel-options.ts';
import { arrangement } from './stat-panel.tsx';

const RADIUS = 80;
const START_DEG = -210;
const SWEEP_DEG = 240;

export default function GaugePanel({ data }: { readonly data: PanelData }) {
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  const values = displayValues(data);
  const { columns } = arrangement(values.length, { width: size.width, height: size.height * 1.8 }, 'auto');
  const named = values.length > 1;
  return (
    <div className="gauges" ref={root} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {values.map((value, index) => (
        <Gauge key={`${value.display.title} ${index}`} value={value} named={named} data={data} />
      ))}
    </div>
  );
}

function Gauge({
  value,
  named,
  data,
}: {
  readonly value: FieldDisplay;
  readonly named: boolean;
  readonly data: PanelData;
}) {
  const { display, field } = value;
  const min = field.min ?? 0;
  const max = field.max ?? 100;
  const at = (number: number) => Math.min(1, Math.max(0, (number - min) / (max - min || 1)));
  const share = Number.isFinite(display.numeric) ? at(display.numeric) : 0;
  const marks = asBoolean(data.panel.options.showThresholdMarkers, true) ? (field.thresholds?.steps ?? []) : [];
  const percentMode = field.thresholds?.mode === 'percentage';
  return (
    <div className="gauge">
      <svg
        viewBox="-100 -96 200 150"
        role="img"
        aria-label={`${display.title ?? ''} ${formattedValueToString(display)}`}
      >
        <path d={arc(0, 1, RADIUS)} className="gauge-track" fill="none" strokeWidth="20" />
        {share > 0 && <path d={arc(0, share, RADIUS)} fill="none" stroke={display.color} strokeWidth="20" />}
        {marks.map((mark, index) => {
          const place = (number: number | null | undefined) =>
            number == null || !Number.isFinite(number) ? 0 : percentMode ? number / 100 : at(number);
          const from = index === 0 ? 0 : place(mark.value);
          const to = index + 1 < marks.length ? place(marks[index + 1]!.value) : 1;
          return to > from ? (
            <path
              key={index}
              d={arc(from, to, RADIUS + 14)}
              fill="none"
              stroke={data.theme.visualization.getColorByName(mark.color)}
              strokeWidth="4"
            />
          ) : null;
        })}
        <text
          className="gauge-text"
          textAnchor="middle"
          y="8"
          fill="currentColor"
          style={{ fontSize: Math.min(34, 220 / Math.max(4, formattedValueToString(display).length)) }}
        >
          {formattedValueToString(display)}
        </text>
      </svg>
      {named && <div className="gauge-name">{display.title}</div>}
    </div>
  );
}

function arc(from: number, to: number, radius: number): string {
  const point = (share: number) => {
    const angle = ((START_DEG + share * SWEEP_DEG) * Math.PI) / 180;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  };
  const large = (to - from) * SWEEP_DEG > 180 ? 1 : 0;
  return `M${point(from)}A${radius} ${radius} 0 ${large} 1 ${point(to)}`;
}
