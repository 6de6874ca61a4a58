/** Which state each series was in, and when it changed. */
import { useMemo } from 'react';
import { FieldType, formattedValueToString, getFieldDisplayName } from '../../model/frames/grafana-data.ts';
import { asBoolean, asString } from '../../model/json.ts';
import { momentFormatter } from '../chart/time-axis.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import './heatmap.css';
import { inkOn } from './ink-on.ts';

interface State {
  readonly fromMs: number;
  readonly toMs: number;
  readonly text: string;
  readonly color: string;
}

interface Track {
  readonly name: string;
  readonly states: readonly State[];
}

/** Text in a state that is narrower than this share of the row would be cut. */
const TEXT_SHARE_MIN = 0.04;

export default function StateTimelinePanel({ data }: { readonly data: PanelData }) {
  const { options, type } = data.panel;
  const merge = type === 'state-timeline' && asBoolean(options.mergeValues, true);
  const tracks = useMemo(() => tracksOf(data, merge), [data, merge]);
  const { fromMs, toMs } = data.range;
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - fromMs) / (toMs - fromMs)));
  const format = momentFormatter(data.timezone);
  const showValue = asString(options.showValue, 'auto') !== 'never';
  return (
    <div className="timeline">
      <div className="timeline-rows">
        {tracks.map(({ name, states }) => [
          <span key={name} className="timeline-name" title={name}>
            {name}
          </span>,
          <div key={`${name} states`} className="timeline-track">
            {states.map((state) => {
              const left = share(state.fromMs);
              const width = share(state.toMs) - left;
              const style = {
                left: `${left * 100}%`,
                width: `${width * 100}%`,
                background: state.color,
                color: inkOn(state.color),
              };
              return (
                <span
                  key={state.fromMs}
                  className="timeline-state"
                  style={style}
                  title={`${state.text}\n${format(state.fromMs)} to ${format(state.toMs)}`}
                >
                  {showValue && width > TEXT_SHARE_MIN ? state.text : ''}
                </span>
              );
            })}
          </div>,
        ])}
      </div>
    </div>
  );
}

function tracksOf({ frames, range }: PanelData, merge: boolean): readonly Track[] {
  const all = [...frames];
  return frames.flatMap((frame) => {
    const times = (frame.fields.find(({ type }) => type === FieldType.time)?.values ?? []) as number[];
    return frame.fields
      .filter(({ type }) => type !== FieldType.time)
      .map((field) => {
        const states: State[] = [];
        field.values.forEach((value: unknown, row) => {
          if (value == null) return;
          const display = field.display!(value);
          const state = {
            fromMs: times[row]!,
            toMs: times[row + 1] ?? range.toMs,
            text: formattedValueToString(display),
            color: display.color ?? '#888888',
          };
          const last = states.at(-1);
          if (merge && last !== undefined && last.text === state.text && last.toMs === state.fromMs)
            states[states.length - 1] = { ...last, toMs: state.toMs };
          else states.push(state);
        });
        return { name: getFieldDisplayName(field, frame, all), states };
      });
  });
}
