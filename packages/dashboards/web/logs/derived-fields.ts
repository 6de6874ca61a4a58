/** What a Loki data source says about links in log lines: from a line to its trace. */
import type { LogLine } from '../../model/frames/loki-frames.ts';
import { formatExploreAddress } from '../explore/explore-address.ts';
import type { Datasource } from '../server/datasources.ts';

export interface DerivedField {
  readonly name: string;
  readonly matcherRegex: string;
  readonly matcherType?: 'label' | 'regex';
  readonly url?: string;
  readonly urlDisplayLabel?: string;
  readonly datasourceUid?: string;
}

export interface DerivedLink {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly href: string;
}

/** A window around the line in which its trace is looked for. */
const AROUND_MS = 3_600_000;

export function derivedFieldsOf(datasource: Pick<Datasource, 'type' | 'jsonData'>): readonly DerivedField[] {
  if (datasource.type !== 'loki' || !Array.isArray(datasource.jsonData.derivedFields)) return [];
  return (datasource.jsonData.derivedFields as DerivedField[]).filter(
    ({ matcherRegex }) => typeof matcherRegex === 'string' && matcherRegex !== '',
  );
}

export function derivedLinks(line: LogLine, fields: readonly DerivedField[]): readonly DerivedLink[] {
  return fields.flatMap((field) => {
    const value = valueIn(line, field);
    if (value === undefined || value === '') return [];
    const query = (field.url ?? '').replaceAll(/\$\{__value(\.raw)?\}/g, value);
    const range = { from: String(line.timeMs - AROUND_MS), to: String(line.timeMs + AROUND_MS) };
    const inside = field.datasourceUid !== undefined && field.datasourceUid !== '';
    const href = inside
      ? formatExploreAddress({ datasource: field.datasourceUid!, query: query || value, range })
      : query;
    if (!inside && !/^(https?:|\/)/.test(href)) return [];
    return [{ name: field.name, label: field.urlDisplayLabel || field.name, value, href }];
  });
}

function valueIn(line: LogLine, { matcherRegex, matcherType }: DerivedField): string | undefined {
  const pattern = patternOf(matcherRegex);
  if (matcherType !== 'label') {
    const match = pattern?.exec(line.line);
    return match?.[1] ?? match?.[0];
  }
  // As in Grafana the expression is matched against the names of labels.
  return Object.entries(line.labels).find(([name]) => name === matcherRegex || pattern?.test(name))?.[1];
}

const patterns = new Map<string, RegExp | undefined>();

function patternOf(source: string): RegExp | undefined {
  if (!patterns.has(source)) {
    try {
      patterns.set(source, new RegExp(source));
    } catch {
      patterns.set(source, undefined);
    }
  }
  return patterns.get(source);
}
