/** Gauges, bar gauges and stats of version 6 kept field settings in `options.fieldOptions` or `options.valueOptions`. */
import type { Json, JsonObject } from '../dashboard.ts';
import { asArray, asObject, asString, isObject } from '../json.ts';
import { calculationOf } from './calculation.ts';

const SINGLE_VALUE_TYPES = new Set(['gauge', 'bargauge', 'stat']);

export function migrateFieldOptions(panel: JsonObject): JsonObject {
  if (!SINGLE_VALUE_TYPES.has(asString(panel.type))) return panel;
  const options = asObject(panel.options);
  if (isObject(options.fieldOptions)) return fromFieldOptions(panel, options, options.fieldOptions);
  if (isObject(options.valueOptions)) return fromValueOptions(panel, options, options.valueOptions);
  return panel;
}

function fromFieldOptions(panel: JsonObject, options: JsonObject, fieldOptions: JsonObject): JsonObject {
  const old = asObject(fieldOptions.defaults);
  const thresholds = thresholdsOf(old.thresholds ?? fieldOptions.thresholds);
  const { fieldOptions: _, ...rest } = options;
  return {
    ...panel,
    options: {
      ...rest,
      reduceOptions: {
        calcs: calculationsOf(fieldOptions.calcs),
        fields: '',
        values: fieldOptions.values === true,
      },
    },
    fieldConfig: {
      defaults: {
        ...old,
        ...(old.title === undefined ? {} : { displayName: old.title }),
        ...(fieldOptions.mappings === undefined ? {} : { mappings: fieldOptions.mappings }),
        ...(thresholds === undefined ? {} : { thresholds }),
      },
      overrides: asArray(fieldOptions.overrides),
    },
  };
}

function fromValueOptions(panel: JsonObject, options: JsonObject, valueOptions: JsonObject): JsonObject {
  const thresholds = thresholdsOf(options.thresholds);
  const { valueOptions: _, ...rest } = options;
  return {
    ...panel,
    options: {
      ...rest,
      reduceOptions: { calcs: [calculationOf(asString(valueOptions.stat))], fields: '', values: false },
    },
    fieldConfig: {
      defaults: {
        unit: valueOptions.unit,
        decimals: valueOptions.decimals,
        min: options.minValue,
        max: options.maxValue,
        ...(options.valueMappings === undefined ? {} : { mappings: options.valueMappings }),
        ...(thresholds === undefined ? {} : { thresholds }),
      },
      overrides: [],
    },
  };
}

function calculationsOf(value: Json | undefined): readonly string[] {
  const calculations = asArray(value).map((name) => calculationOf(asString(name)));
  return calculations.length > 0 ? calculations : ['lastNotNull'];
}

/** A list of steps in version 6.0, an object with a mode since 6.4. */
function thresholdsOf(value: Json | undefined): JsonObject | undefined {
  if (isObject(value)) return value;
  const steps = asArray(value).filter(isObject);
  return steps.length > 0 ? { mode: 'absolute', steps } : undefined;
}
