/** The names of metrics and labels that come by OTLP, by the strategy that the configuration names. */
import { escapedLabelName, escapedName, type PrometheusNameType, suffixedName, unitSuffixes } from '@mario/otlp';
import type { OtlpConfig, TranslationStrategy } from '../config/otlp-config.ts';

/** The metric's name for the strategy. */
export function metricName(
  name: string,
  unit: string,
  type: PrometheusNameType,
  strategy: TranslationStrategy,
): string {
  switch (strategy) {
    case 'NoTranslation':
      return name;
    case 'NoUTF8EscapingWithSuffixes':
      return withSuffixes(name, unit, type);
    case 'UnderscoreEscapingWithoutSuffixes':
      return escapedName(name);
    case 'UnderscoreEscapingWithSuffixes':
      return suffixedName(name, unit, type);
  }
}

/** How label names are escaped; the rest of an OtlpConfig does not matter. */
export type LabelNaming = Pick<
  OtlpConfig,
  'translationStrategy' | 'labelUnderscoreSanitization' | 'labelPreserveMultipleUnderscores'
>;

export function labelName(name: string, naming: LabelNaming): string {
  const { translationStrategy: strategy } = naming;
  if (strategy === 'NoTranslation' || strategy === 'NoUTF8EscapingWithSuffixes') return name;
  return escapedLabelName(name, {
    keepsRuns: naming.labelPreserveMultipleUnderscores,
    guardsUnderscore: naming.labelUnderscoreSanitization,
  });
}

function withSuffixes(name: string, unit: string, type: PrometheusNameType): string {
  const { main, per } = unitSuffixes(unit);
  let out = name;
  const tail = type === 'counter' ? '_total' : type === 'gauge' && unit === '1' ? '_ratio' : '';
  if (tail !== '' && out.endsWith(tail)) out = out.slice(0, -tail.length);
  if (main !== '' && !out.endsWith(main)) out += `_${main}`;
  if (per !== '' && !out.endsWith(per)) out += `_per_${per}`;
  return out + tail;
}
