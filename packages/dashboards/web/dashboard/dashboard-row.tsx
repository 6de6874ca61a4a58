/** A row of panels under a header that folds; panels lie on the grid of 24 columns. */
import { useState } from 'react';
import { createScope, interpolate, type Row } from '../../model/index.ts';
import { macrosOf } from '../query/variable-values.ts';
import { Icon } from '../ui/icon.tsx';
import { useDashboardContext } from './dashboard-context.ts';
import { PanelFrame } from './panel-frame.tsx';

export function DashboardRow({ row }: { readonly row: Row }) {
  const [folded, setFolded] = useState(row.collapsed);
  const context = useDashboardContext();
  const title =
    row.title === undefined ? undefined : interpolate(row.title, createScope(context.variables, macrosOf(context)));
  return (
    <section className="row" aria-label={title}>
      {title !== undefined && (
        <button type="button" className="row-head" aria-expanded={!folded} onClick={() => setFolded(!folded)}>
          <Icon name={folded ? 'chevronRight' : 'chevron'} />
          <span>{title === '' ? 'Row' : title}</span>
          {folded && <span className="row-count">{row.panels.length} panels</span>}
        </button>
      )}
      {!folded && (
        <div className="grid">
          {row.panels.map((panel) => {
            const { x, y, w, h } = panel.gridPos;
            const style = { gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` };
            return (
              <div key={panel.id} className="grid-cell" style={style} data-height={h}>
                <PanelFrame panel={panel} />
              </div>
            );
          })}
        </div>
      )}
    </section>
  );
}
