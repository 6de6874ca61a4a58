/** How often values lie in which range. */
import { useMemo } from 'react';
import { type Field, FieldType, formattedValueToString, getFieldSeriesColor } from '../../model/frames/grafana-data.ts';
import { asNumber } from '../../model/json.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { BarChart, niceCeiling } from './bar-chart.tsx';
import type { Categories } from './categories.ts';

/** Enough to see a shape, few enough to see bars. */
const BUCKETS = 24;

export default function HistogramPanel({ data }: { readonly data: PanelData }) {
  const { options } = data.panel;
  const categories = useMemo(() => {
    const fields = data.frames.flatMap((frame) => frame.fields.filter(({ type }) => type === FieldType.number));
    const color = fields[0] === undefined ? '' : getFieldSeriesColor(fields[0], data.theme).color;
    return histogram(fields, color, asNumber(options.bucketSize, 0), asNumber(options.bucketOffset, 0));
  }, [data, options.bucketSize, options.bucketOffset]);
  return (
    <div className="bar-panel">
      <BarChart categories={categories} lying={false} stacked={false} showValues={false} />
    </div>
  );
}

export function histogram(fields: readonly Field[], color: string, wantedSize: number, offset: number): Categories {
  const values = fields
    .flatMap((field) => field.values as (number | null)[])
    .filter((value): value is number => value != null && Number.isFinite(value));
  if (values.length === 0) return { names: [], series: [] };
  const least = values.reduce((min, value) => Math.min(min, value));
  const most = values.reduce((max, value) => Math.max(max, value));
  const size = wantedSize > 0 ? wantedSize : niceCeiling((most - least) / BUCKETS || Math.abs(most) || 1);
  const first = Math.floor((least - offset) / size);
  const count = Math.min(1_000, Math.floor((most - offset) / size) - first + 1);
  const counts = new Array<number>(count).fill(0);
  for (const value of values) counts[Math.min(count - 1, Math.floor((value - offset) / size) - first)]! += 1;
  const display = fields[0]!.display!;
  const names = counts.map((_, index) => formattedValueToString(display((first + index) * size + offset)));
  return { names, series: [{ name: 'Count', color, values: counts, text: String }] };
}
