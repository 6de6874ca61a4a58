/** A data frame as CSV (RFC 4180), with times in ISO form. */
import { type DataFrame, FieldType, getFieldDisplayName } from '../../model/frames/grafana-data.ts';

export function csvOf(frame: DataFrame): string {
  const lines = [frame.fields.map((field) => cell(getFieldDisplayName(field, frame))).join(',')];
  for (let row = 0; row < frame.length; row++) {
    lines.push(frame.fields.map((field) => cell(text(field.values[row], field.type))).join(','));
  }
  return lines.join('\r\n') + '\r\n';
}

function text(value: unknown, type: FieldType): string {
  if (value == null) return '';
  if (type === FieldType.time) return new Date(value as number).toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe: telemetry is text from outside. */
function cell(value: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
