/**
 * The one door to @grafana/data: frames, units, display processors, reducers, matchers and transformations.
 * Everything else imports from here, so that an upgrade (or a farewell) touches this file only.
 */
import {
  createTheme,
  type DataFrame,
  type DataTransformerConfig,
  type DataTransformerInfo,
  type DisplayProcessor,
  type DisplayValue,
  type Field,
  type FieldColorModeId,
  type FieldConfig,
  type FieldDisplay,
  type FieldSparkline,
  FieldType,
  fieldReducers,
  formattedValueToString,
  type GrafanaTheme2,
  getDisplayProcessor,
  getFieldDisplayName,
  getFieldDisplayValues,
  getFieldMatcher,
  getFieldSeriesColor,
  getValueFormat,
  outerJoinDataFrames,
  reduceField,
  standardTransformers,
  standardTransformersRegistry,
  TransformerCategory,
  transformDataFrame,
} from '@grafana/data';
import { darkPalette, hues, lightPalette } from './palette.ts';

export type {
  DataFrame,
  DataTransformerConfig,
  DataTransformerInfo,
  DisplayProcessor,
  DisplayValue,
  Field,
  FieldColorModeId,
  FieldConfig,
  FieldDisplay,
  FieldSparkline,
  GrafanaTheme2,
};
export {
  FieldType,
  fieldReducers,
  formattedValueToString,
  getDisplayProcessor,
  getFieldDisplayName,
  getFieldDisplayValues,
  getFieldMatcher,
  getFieldSeriesColor,
  getValueFormat,
  outerJoinDataFrames,
  reduceField,
  standardTransformers,
  standardTransformersRegistry,
  TransformerCategory,
  transformDataFrame,
};

const themes = new Map<string, GrafanaTheme2>();

/** Colours by name and by series for light or dark; the same object each time. */
export function themeOf(mode: 'light' | 'dark'): GrafanaTheme2 {
  const known = themes.get(mode);
  if (known !== undefined) return known;
  const theme = createTheme({ colors: { mode } });
  const byName = hues[mode];
  const grafanaColor = theme.visualization.getColorByName;
  theme.visualization.palette = [...(mode === 'light' ? lightPalette : darkPalette)];
  theme.visualization.getColorByName = (name) => (Object.hasOwn(byName, name) ? byName[name]! : grafanaColor(name));
  themes.set(mode, theme);
  return theme;
}
