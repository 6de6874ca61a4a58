/** What a panel asked and what came back, as a table that can be saved. */
import { useState } from 'react';
import { type DataFrame, formattedValueToString, getFieldDisplayName } from '../../model/frames/grafana-data.ts';
import type { Panel } from '../../model/index.ts';
import { formatDuration } from '../../model/index.ts';
import { Drawer } from '../ui/drawer.tsx';
import { Select } from '../ui/select.tsx';
import { csvOf } from './frame-csv.ts';
import type { PanelData } from './panel-data.ts';

export interface PanelInspectorProps {
  readonly panel: Panel;
  readonly title: string;
  readonly data: PanelData | undefined;
  readonly error: Error | null;
  readonly onClose: () => void;
}

/** Rows drawn; all of them are in the file that can be saved. */
const ROWS_MAX = 500;

export function PanelInspector({ title, data, error, onClose }: PanelInspectorProps) {
  const [at, setAt] = useState(0);
  const frames = data?.frames ?? [];
  const frame = frames[Math.min(at, frames.length - 1)];
  return (
    <Drawer title={`Inspect: ${title}`} onClose={onClose}>
      {error !== null && <p className="form-problem">{error.message}</p>}
      {(data?.answer.records ?? []).map((record) => (
        <section key={record.refId + record.query} className="inspect-query">
          <h3>
            {record.refId} · {record.datasource}
            <span className="quiet">
              {record.stepMs !== undefined && ` step ${formatDuration(record.stepMs)}`} · {Math.round(record.tookMs)} ms
            </span>
          </h3>
          <pre>{record.query}</pre>
        </section>
      ))}
      {[...(data?.answer.failures ?? []), ...(data?.answer.notices ?? [])].map((notice) => (
        <p key={notice} className="dashboard-notice">
          {notice}
        </p>
      ))}
      {frame !== undefined && (
        <>
          <div className="inspect-tools">
            <Select
              label="Series"
              options={frames.map((one, index) => ({ text: nameOf(one, frames), value: String(index) }))}
              chosen={[String(Math.min(at, frames.length - 1))]}
              onChange={([value]) => setAt(Number(value))}
            />
            <a
              className="button"
              href={`data:text/csv;charset=utf-8,${encodeURIComponent(csvOf(frame))}`}
              download={`${title || 'panel'}.csv`}
            >
              Save as CSV
            </a>
          </div>
          <FrameTable frame={frame} all={frames} />
        </>
      )}
    </Drawer>
  );
}

function nameOf(frame: DataFrame, all: readonly DataFrame[]): string {
  const field = frame.fields.find(({ type }) => type === 'number');
  const name = field === undefined ? (frame.name ?? '') : getFieldDisplayName(field, frame, [...all]);
  return `${frame.refId ?? ''} ${name}`.trim();
}

function FrameTable({ frame, all }: { readonly frame: DataFrame; readonly all: readonly DataFrame[] }) {
  const rows = Array.from({ length: Math.min(frame.length, ROWS_MAX) }, (_, row) => row);
  return (
    <table className="data">
      <thead>
        <tr>
          {frame.fields.map((field) => (
            <th key={field.name}>{getFieldDisplayName(field, frame, [...all])}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            {frame.fields.map((field) => (
              <td key={field.name} className={field.type === 'number' ? 'number' : undefined}>
                {typeof field.values[row] === 'object' && field.values[row] !== null
                  ? JSON.stringify(field.values[row])
                  : formattedValueToString(field.display!(field.values[row]))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
