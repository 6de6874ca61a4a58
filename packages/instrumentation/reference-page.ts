/** The page docs/reference/telemetry.md, written from the list of instruments. */
import type { InstrumentDefinition } from './metrics/instrument-definition.ts';
import { prometheusLabel } from './prometheus/names.ts';
import { type ReferenceSection, referenceSections, seriesNames } from './reference.ts';

const INTRODUCTION = `# Telemetry reference

Every metric that the instrumentation of this project emits. This page is written by
\`node packages/instrumentation/bin/write-reference.ts\` from the list in \`packages/instrumentation/reference.ts\`; a test
holds the page, the list and what an application emits together.

The names in OpenTelemetry (path B, OTLP) become the series of Prometheus (both paths: the application's own
\`/api/metrics\` and the collector's exporter) by the standard translation: dots become underscores, units become
suffixes (\`s\` → \`_seconds\`, \`ms\` → \`_milliseconds\`, \`By\` → \`_bytes\`, \`%\` → \`_percent\`, \`1\` → \`_ratio\` for gauges
only), units in braces vanish, counters end in \`_total\`.

A unit that the name already contains is not appended by some translators and is by others. Where a series must end in
a noun (\`mario_orders_created_orders_total\`) the noun is therefore part of the instrument's name.
`;

export function referencePage(): string {
  return [INTRODUCTION, ...referenceSections.map(sectionText)].join('\n');
}

function sectionText({ title, instruments }: ReferenceSection): string {
  return [`## ${title}`, '', ...instruments.map(instrumentText)].join('\n');
}

function instrumentText(definition: InstrumentDefinition): string {
  const { name, kind, unit, meaning, attributes, boundaries, conditional } = definition;
  const lines = [
    `### \`${name}\``,
    '',
    `${meaning}.${conditional === undefined ? '' : ` Emitted ${conditional}.`}`,
    '',
    `- ${KINDS[kind]}, unit \`${unit}\``,
    `- series: ${seriesNames(definition)
      .map((series) => `\`${series}\``)
      .join(', ')}`,
  ];
  for (const [key, text] of Object.entries(attributes)) {
    const label = prometheusLabel(key);
    lines.push(`- \`${key}\`${label === key ? '' : ` (\`${label}\`)`}: ${text}`);
  }
  if (boundaries !== undefined) lines.push(`- buckets: ${boundaries.join(', ')}`);
  return [...lines, ''].join('\n');
}

const KINDS: Readonly<Record<InstrumentDefinition['kind'], string>> = {
  counter: 'Counter',
  upDownCounter: 'Up-down counter (a gauge in Prometheus)',
  gauge: 'Gauge',
  histogram: 'Histogram',
};
