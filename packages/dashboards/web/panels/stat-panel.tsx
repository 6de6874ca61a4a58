/** One or several large numbers, each with its course behind it. */
import { useRef } from 'react';
import type { FieldDisplay } from '../../model/frames/grafana-data.ts';
import { asBoolean, asString } from '../../model/json.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { type Size, useSize } from '../ui/use-size.ts';
import './single-value.css';
import { inkOn } from './ink-on.ts';
import { displayValues } from './panel-options.ts';
import { Sparkline } from './sparkline.tsx';

const GAP_PX = 6;

export function StatPanel({ data }: { readonly data: PanelData }) {
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  const { options } = data.panel;
  const values = displayValues(data, asString(options.graphMode, 'area') === 'area');
  const { columns, rows } = arrangement(values.length, size, asString(options.orientation, 'auto'));
  const cell = {
    width: (size.width - GAP_PX * (columns - 1)) / columns,
    height: (size.height - GAP_PX * (rows - 1)) / rows,
  };
  return (
    <div className="stat" ref={root} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gap: GAP_PX }}>
      {size.width > 0 &&
        values.map((value, index) => (
          <StatValue
            key={`${value.display.title} ${index}`}
            value={value}
            size={cell}
            data={data}
            several={values.length > 1}
          />
        ))}
    </div>
  );
}

/** Cells as near to the shape of a stat (about 2.5 wide to 1 high) as the panel allows. */
export function arrangement(
  count: number,
  { width, height }: Size,
  orientation: string,
): { columns: number; rows: number } {
  if (count <= 1 || width === 0 || height === 0) return { columns: 1, rows: 1 };
  if (orientation === 'vertical' && width < height) return { columns: 1, rows: count };
  if (orientation === 'horizontal' && width < height) return { columns: 1, rows: count };
  let best = { columns: 1, rows: count, badness: Number.POSITIVE_INFINITY };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const ratio = width / columns / (height / rows);
    const badness = Math.abs(Math.log(ratio / 2.5)) + (columns * rows - count) * 0.1;
    if (badness < best.badness) best = { columns, rows, badness };
  }
  return best;
}

interface StatValueProps {
  readonly value: FieldDisplay;
  readonly size: Size;
  readonly data: PanelData;
  readonly several: boolean;
}

function StatValue({ value, size, data, several }: StatValueProps) {
  const { options } = data.panel;
  const { display } = value;
  const colorMode = asString(options.colorMode, 'value');
  const color = display.color ?? 'currentColor';
  const onBackground = colorMode === 'background' || colorMode === 'background_solid';
  const textMode = asString(options.textMode, 'auto');
  const showName = textMode === 'value_and_name' || textMode === 'name' || (textMode === 'auto' && several);
  const showValue = textMode !== 'name' && textMode !== 'none';
  const number = `${display.prefix ?? ''}${display.text}${display.suffix ?? ''}`;
  const valuePx = fontSize(
    textMode === 'name' ? (display.title ?? '') : number,
    size,
    showName && showValue,
    size.height > 70 && value.sparkline !== undefined,
  );
  const ink = onBackground ? { background: color, color: inkOn(color) } : colorMode === 'value' ? { color } : {};
  return (
    <div
      className={`stat-cell${onBackground ? ' stat-filled' : ''}${value.sparkline === undefined ? '' : ' stat-course'}`}
      style={onBackground ? ink : undefined}
      title={display.title}
    >
      {value.sparkline !== undefined && (
        <Sparkline sparkline={value.sparkline} color={onBackground ? inkOn(color) : color} />
      )}
      {showName && (
        <div className="stat-name" style={textMode === 'name' ? { fontSize: valuePx, ...ink } : undefined}>
          {display.title}
        </div>
      )}
      {showValue && (
        <div className="stat-value" style={onBackground ? { fontSize: valuePx } : { fontSize: valuePx, ...ink }}>
          {asString(options.prefix)}
          {display.prefix}
          {display.text}
          <span className="stat-unit">{display.suffix}</span>
          {asString(options.postfix)}
          {asBoolean(options.showPercentChange, false) &&
            display.percentChange !== undefined &&
            Number.isFinite(display.percentChange) && (
              <span className="stat-change"> {(display.percentChange * 100).toFixed(1)} %</span>
            )}
        </div>
      )}
    </div>
  );
}

/** As large as fits: about 0.58 em a character, with room for the name and the course below. */
function fontSize(text: string, { width, height }: Size, withName: boolean, withCourse: boolean): number {
  const byWidth = (width - 20) / Math.max(3, text.length * 0.58);
  const byHeight = (height - (withName ? 20 : 0)) * (withCourse ? 0.44 : 0.6);
  return Math.max(13, Math.min(48, byWidth, byHeight));
}
