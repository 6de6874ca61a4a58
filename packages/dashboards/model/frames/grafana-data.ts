/**
 * The one door to @grafana/data: frames, units, display processors, reducers, matchers and transformations.
 * Everything else imports from here, so that an upgrade (or a farewell) touches this file only.
 */
import {
  createTheme,
  type DataFrame,
  type DataTransformerConfig,
  type DisplayProcessor,
  type DisplayValue,
  type Field,
  type FieldColorModeId,
  type FieldConfig,
  type FieldDisplay,
  FieldType,
  fieldReducers,
  formattedValueToString,
  type GrafanaTheme2,
  getDisplayProcessor,
  getFieldColorModeForField,
  getFieldDisplayName,
  getFieldDisplayValues,
  getFieldMatcher,
  getFieldSeriesColor,
  getValueFormat,
  reduceField,
  standardTransformers,
  standardTransformersRegistry,
  TransformerCategory,
  transformDataFrame,
} from '@grafana/data';
import { ownTransformers } from './own-transformers.ts';
import { darkPalette, hues, lightPalette } from './palette.ts';

export type {
  DataFrame,
  DisplayProcessor,
  DisplayValue,
  Field,
  FieldColorModeId,
  FieldConfig,
  FieldDisplay,
  GrafanaTheme2,
};
export {
  FieldType,
  fieldReducers,
  formattedValueToString,
  getDisplayProcessor,
  getFieldColorModeForField,
  getFieldDisplayName,
  getFieldDisplayValues,
  getFieldMatcher,
  getFieldSeriesColor,
  getValueFormat,
  reduceField,
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

let registered = false;

/** @grafana/data knows the transformations but leaves it to the application to list them. */
function registerTransformers(): void {
  if (registered) return;
  registered = true;
  const all = [...Object.values(standardTransformers), ...ownTransformers];
  const unique = new Map(all.map((transformer) => [transformer.id as string, transformer]));
  standardTransformersRegistry.setInit(
    () =>
      [...unique].map(([id, transformer]) => ({
        id,
        name: transformer.name,
        transformation: async () => transformer,
        editor: () => null,
        imageDark: '',
        imageLight: '',
        categories: new Set<TransformerCategory>([TransformerCategory.Reformat]),
      })) as never,
  );
}

/** Ids that can be applied; others are refused by name. */
export function knownTransformations(): ReadonlySet<string> {
  registerTransformers();
  return new Set(standardTransformersRegistry.list().map((item) => item.id as string));
}

/** `interpolate` writes variables in the options of transformations. */
export async function transform(
  frames: readonly DataFrame[],
  transformations: readonly { readonly id: string; readonly options: object; readonly disabled: boolean }[],
  interpolate: (text: string) => string,
): Promise<readonly DataFrame[]> {
  const active = transformations.filter((transformation) => !transformation.disabled);
  if (active.length === 0) return frames;
  const known = knownTransformations();
  const unknown = active.find(({ id }) => !known.has(id));
  if (unknown !== undefined) throw new Error(`the transformation "${unknown.id}" is not supported here`);
  const configs = active.map(({ id, options }) => ({ id, options })) as DataTransformerConfig[];
  return new Promise((resolve, reject) => {
    transformDataFrame(configs, [...frames], { interpolate }).subscribe({ next: resolve, error: reject });
  });
}

export function numericFields(frame: DataFrame): readonly Field[] {
  return frame.fields.filter((field) => field.type === FieldType.number);
}

export function timeField(frame: DataFrame): Field | undefined {
  return frame.fields.find((field) => field.type === FieldType.time);
}
