/** Links that an author put on values: `${__value.raw}`, `${__field.labels.job}`, `${__data.fields.name}`, time and variables. */
import {
  type DataFrame,
  type Field,
  formattedValueToString,
  getFieldDisplayName,
} from '../../model/frames/grafana-data.ts';
import type { TimeRange } from '../../model/index.ts';

export interface DataLink {
  readonly title: string;
  readonly href: string;
  readonly external: boolean;
}

export interface LinkPlace {
  readonly frame: DataFrame;
  readonly field: Field;
  readonly row: number;
  readonly range: TimeRange;
  readonly interpolate: (text: string) => string;
}

export function dataLinks({ frame, field, row, range, interpolate }: LinkPlace): readonly DataLink[] {
  return (field.config.links ?? []).flatMap((link) => {
    const write = (text: string) =>
      interpolate(
        text.replace(
          /\$\{__(value|field|data|series|url_time_range)\.?([^}:]*)(?::(\w+))?\}/g,
          (reference, kind: string, path: string, format: string | undefined) => {
            const value =
              kind === 'url_time_range'
                ? `from=${range.fromMs}&to=${range.toMs}`
                : valueAt(kind, path, { frame, field, row });
            if (value === undefined) return reference;
            return kind === 'url_time_range' || format === 'raw' ? value : encodeURIComponent(value);
          },
        ),
      );
    const href = write(link.url ?? '');
    // Only addresses that lead somewhere: a link must never run as a script.
    if (!/^(https?:|\/|\?|#)/.test(href)) return [];
    return [
      {
        title: decodeSafely(write(link.title ?? '')),
        href,
        external: link.targetBlank === true || /^https?:/.test(href),
      },
    ];
  });
}

function valueAt(
  kind: string,
  path: string,
  { frame, field, row }: Pick<LinkPlace, 'frame' | 'field' | 'row'>,
): string | undefined {
  if (kind === 'value') {
    const value: unknown = field.values[row];
    if (path === 'time') return String(frame.fields.find(({ type }) => type === 'time')?.values[row] ?? '');
    return path === 'text' ? formattedValueToString(field.display!(value)) : String(value ?? '');
  }
  if (kind === 'data') {
    const name = /^fields(?:\.(.+)|\["(.+)"\]|\[(\d+)\])$/.exec(path);
    const wanted = name?.[1] ?? name?.[2];
    const other =
      wanted === undefined
        ? frame.fields[Number(name?.[3])]
        : frame.fields.find(
            (candidate) => candidate.name === wanted || getFieldDisplayName(candidate, frame) === wanted,
          );
    return other === undefined ? undefined : String(other.values[row] ?? '');
  }
  const label = /^labels(?:\.(.+)|\["(.+)"\])$/.exec(path);
  if (label !== null) return field.labels?.[(label[1] ?? label[2])!] ?? '';
  return path === 'name' || path === 'displayName' ? getFieldDisplayName(field, frame) : undefined;
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
