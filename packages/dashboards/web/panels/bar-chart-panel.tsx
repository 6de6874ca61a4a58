/** Values by category. */
import { useMemo } from 'react';
import { asObject, asString } from '../../model/json.ts';
import { momentFormatter } from '../chart/time-axis.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { BarChart } from './bar-chart.tsx';
import { categoriesOf } from './categories.ts';
import { legendOptions } from './panel-options.ts';

export default function BarChartPanel({ data }: { readonly data: PanelData }) {
  const { options, fieldConfig } = data.panel;
  const xField = asString(options.xField);
  const categories = useMemo(
    () => categoriesOf(data.frames, data.theme, xField, momentFormatter(data.timezone)),
    [data, xField],
  );
  const stacking =
    asString(options.stacking) || asString(asObject(asObject(fieldConfig.defaults.custom).stacking).mode, 'none');
  const legend = legendOptions(options);
  return (
    <div className="bar-panel">
      <BarChart
        categories={categories}
        lying={asString(options.orientation, 'auto') === 'horizontal'}
        stacked={stacking === 'normal' || stacking === 'percent'}
        showValues={asString(options.showValue, 'auto') === 'always' || categories.names.length <= 12}
      />
      {legend.showLegend && categories.series.length > 1 && (
        <ul className="chart-legend chart-legend-list">
          {categories.series.map(({ name, color }) => (
            <li key={name}>
              <span className="swatch" style={{ background: color }} /> {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
