/** Values as bars of comparable length. */

import { type FieldDisplay, formattedValueToString } from '../../model/frames/grafana-data.ts';
import { asString } from '../../model/json.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import './single-value.css';
import { displayValues } from './panel-options.ts';

export default function BarGaugePanel({ data }: { readonly data: PanelData }) {
  const values = displayValues(data);
  const upright = asString(data.panel.options.orientation, 'auto') === 'vertical';
  const numbers = values.map(({ display }) => display.numeric).filter(Number.isFinite);
  const most = Math.max(0, ...numbers);
  const least = Math.min(0, ...numbers);
  const length = ({ display, field }: FieldDisplay) => {
    const min = field.min ?? least;
    const max = field.max ?? most;
    return Number.isFinite(display.numeric)
      ? Math.min(100, Math.max(0, ((display.numeric - min) / (max - min || 1)) * 100))
      : 0;
  };
  if (upright) {
    return (
      <div className="bar-gauges-upright">
        {values.map((value, index) => (
          <div key={`${value.display.title} ${index}`} className="bar-gauge-upright" title={value.display.title}>
            <span className="bar-gauge-value">{formattedValueToString(value.display)}</span>
            <div className="bar-gauge-track">
              <div
                className="bar-gauge-fill"
                style={{ height: `${length(value)}%`, background: value.display.color }}
              />
            </div>
            <span className="bar-gauge-name">{value.display.title}</span>
          </div>
        ))}
      </div>
    );
  }
  return (
    <div className="bar-gauge-scroll">
      <div className="bar-gauges">
        {values.map((value, index) => (
          <div key={`${value.display.title} ${index}`} className="bar-gauge" title={value.display.title}>
            <span className="bar-gauge-name">{value.display.title}</span>
            <div className="bar-gauge-track">
              <div className="bar-gauge-fill" style={{ width: `${length(value)}%`, background: value.display.color }} />
            </div>
            <span className="bar-gauge-value">{formattedValueToString(value.display)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
