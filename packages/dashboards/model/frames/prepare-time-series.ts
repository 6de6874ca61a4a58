/** The transformation "Prepare time series": one frame for each series, or one for all of them. */
import { map } from 'rxjs';
import { type DataFrame, type DataTransformerInfo, FieldType, outerJoinDataFrames } from './grafana-data.ts';

interface PrepareOptions {
  /** `many` is what `multi` was called at first. */
  readonly format?: string;
}

export const prepareTimeSeries: DataTransformerInfo<PrepareOptions> = {
  id: 'prepareTimeSeries' as DataTransformerInfo['id'],
  name: 'Prepare time series',
  defaultOptions: {},
  operator: (options) => (source) => source.pipe(map((frames) => prepare(frames, options))),
};

function prepare(frames: DataFrame[], { format = 'multi' }: PrepareOptions): DataFrame[] {
  if (format === 'wide') {
    const joined = frames.length > 1 ? outerJoinDataFrames({ frames }) : frames[0];
    return joined === undefined ? [] : [joined];
  }
  if (format !== 'multi' && format !== 'many') {
    throw new Error(`preparing time series as "${format}" is not supported here`);
  }
  return frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === FieldType.time);
    if (time === undefined) return [];
    const measured = frame.fields.filter(({ type }) => type === FieldType.number || type === FieldType.boolean);
    return measured.map((field) => ({ ...frame, fields: [time, field] }));
  });
}
