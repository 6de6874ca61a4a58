/** The `otlp` section: how OTLP metrics are translated when they are stored. */
import type { ConfigNode } from '@mario/service';

export interface OtlpConfig {
  readonly translationStrategy: TranslationStrategy;
  readonly promoteAllResourceAttributes: boolean;
  readonly promoteResourceAttributes: readonly string[];
  readonly ignoreResourceAttributes: readonly string[];
  readonly keepIdentifyingResourceAttributes: boolean;
  readonly promoteScopeMetadata: boolean;
  /** Explicit histograms are stored as native ones with custom buckets. */
  readonly convertHistogramsToNhcb: boolean;
  /** Label names that begin with one underscore get `key` before it. */
  readonly labelUnderscoreSanitization: boolean;
  readonly labelPreserveMultipleUnderscores: boolean;
}

export const TRANSLATION_STRATEGIES = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
] as const;

export type TranslationStrategy = (typeof TRANSLATION_STRATEGIES)[number];

export const OTLP_DEFAULT: OtlpConfig = {
  translationStrategy: 'UnderscoreEscapingWithSuffixes',
  promoteAllResourceAttributes: false,
  promoteResourceAttributes: [],
  ignoreResourceAttributes: [],
  keepIdentifyingResourceAttributes: false,
  promoteScopeMetadata: false,
  convertHistogramsToNhcb: false,
  labelUnderscoreSanitization: true,
  labelPreserveMultipleUnderscores: true,
};

const KEYS = {
  translation_strategy: 'used',
  promote_all_resource_attributes: 'used',
  promote_resource_attributes: 'used',
  ignore_resource_attributes: 'used',
  keep_identifying_resource_attributes: 'used',
  convert_histograms_to_nhcb: 'used',
  promote_scope_metadata: 'used',
  label_name_underscore_sanitization: 'used',
  label_name_preserve_multiple_underscores: 'used',
} as const;

export function readOtlp(node: ConfigNode | undefined): OtlpConfig {
  if (node === undefined || node.isNull) return OTLP_DEFAULT;
  const fields = node.fields(KEYS);
  const promote = fields.promote_resource_attributes?.strings() ?? [];
  const ignore = fields.ignore_resource_attributes?.strings() ?? [];
  const all = fields.promote_all_resource_attributes?.boolean() ?? false;
  if (all && promote.length > 0) {
    node.error(
      "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously",
    );
  }
  if (!all && ignore.length > 0) {
    node.error("'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true");
  }
  for (const [i, name] of promote.entries()) {
    if (name === '') fields.promote_resource_attributes!.error('empty promoted OTel resource attribute');
    else if (promote.indexOf(name) < i)
      fields.promote_resource_attributes!.error(`duplicated promoted OTel resource attribute "${name}"`);
  }
  return {
    translationStrategy: fields.translation_strategy?.oneOf(TRANSLATION_STRATEGIES) ?? OTLP_DEFAULT.translationStrategy,
    promoteAllResourceAttributes: all,
    promoteResourceAttributes: promote,
    ignoreResourceAttributes: ignore,
    keepIdentifyingResourceAttributes: fields.keep_identifying_resource_attributes?.boolean() ?? false,
    promoteScopeMetadata: fields.promote_scope_metadata?.boolean() ?? false,
    convertHistogramsToNhcb: fields.convert_histograms_to_nhcb?.boolean() ?? false,
    labelUnderscoreSanitization: fields.label_name_underscore_sanitization?.boolean() ?? true,
    labelPreserveMultipleUnderscores: fields.label_name_preserve_multiple_underscores?.boolean() ?? true,
  };
}
