/** The frame around every panel: title, menu, what went wrong, and the panel itself once it has data. */
import { Suspense, useEffect, useRef, useState } from 'react';
import { createScope, interpolate, type Panel } from '../../model/index.ts';
import { panelRegistry } from '../panels/registry.tsx';
import { macrosOf } from '../query/variable-values.ts';
import { Icon } from '../ui/icon.tsx';
import { Empty, Failure, Loading } from '../ui/states.tsx';
import { useSize } from '../ui/use-size.ts';
import { useDashboardContext } from './dashboard-context.ts';
import { type PanelData, usePanelData } from './panel-data.ts';
import { PanelErrorBoundary } from './panel-error-boundary.tsx';
import { PanelInspector } from './panel-inspector.tsx';
import { PanelMenu } from './panel-menu.tsx';

export interface PanelFrameProps {
  readonly panel: Panel;
  /** Set where the panel is shown alone. */
  readonly onClose?: () => void;
}

export function PanelFrame({ panel, onClose }: PanelFrameProps) {
  const root = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const { width } = useSize(body);
  const visible = useVisible(root);
  const [inspecting, setInspecting] = useState(false);
  const context = useDashboardContext();
  const { data, error, loading, refetch } = usePanelData(panel, width, visible);
  const scope = createScope(context.variables, macrosOf(context), panel.scopedVariables);
  const title = interpolate(panel.title, scope);
  const troubles = [...(data?.answer.failures ?? []), ...(data?.answer.notices ?? [])];
  return (
    <article
      className={panel.transparent ? 'panel panel-transparent' : 'panel'}
      ref={root}
      aria-label={title || panel.type}
      data-panel={panel.id}
    >
      <header className={title === '' ? 'panel-head panel-head-empty' : 'panel-head'}>
        {onClose !== undefined && (
          <button type="button" className="button-icon" aria-label="Back to the dashboard" onClick={onClose}>
            <Icon name="back" />
          </button>
        )}
        <h3 title={title}>{title}</h3>
        {panel.description !== '' && <Hint text={interpolate(panel.description, scope)} />}
        {panel.timeFrom !== '' && <span className="panel-time">Last {panel.timeFrom}</span>}
        {troubles.length > 0 && <Hint text={troubles.join('\n')} warning />}
        {loading && data !== undefined && <span className="panel-loading" role="status" aria-label="Loading" />}
        <PanelMenu panel={panel} alone={onClose !== undefined} onInspect={() => setInspecting(true)} />
      </header>
      <div className="panel-body" ref={body}>
        <PanelBody panel={panel} data={data} error={error} retry={refetch} />
      </div>
      {inspecting && (
        <PanelInspector panel={panel} title={title} data={data} error={error} onClose={() => setInspecting(false)} />
      )}
    </article>
  );
}

interface PanelBodyProps {
  readonly panel: Panel;
  readonly data: PanelData | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
}

function PanelBody({ panel, data, error, retry }: PanelBodyProps) {
  const entry = panelRegistry.get(panel.type);
  if (entry === undefined)
    return (
      <Empty title={`Panels of type “${panel.type}” are not shown here`}>
        The dashboard works in Grafana with the same file.
      </Empty>
    );
  if (error !== null && data === undefined) return <Failure title="No answer" message={error.message} retry={retry} />;
  if (data === undefined) return <Loading what="data" />;
  if (error !== null) return <Failure title="The last refresh failed" message={error.message} retry={retry} />;
  const isEmpty = data.frames.every((frame) => frame.length === 0);
  if (isEmpty && entry.needsData) {
    return panel.targets.length === 0 ? (
      <Empty title="No query">Nothing is asked for in this panel.</Empty>
    ) : (
      <Empty title="No data">Nothing in this time range. A wider range or another variable may show more.</Empty>
    );
  }
  const View = entry.view;
  return (
    <PanelErrorBoundary data={data}>
      <Suspense fallback={<Loading what="the panel" />}>
        <View data={data} />
      </Suspense>
    </PanelErrorBoundary>
  );
}

function Hint({ text, warning = false }: { readonly text: string; readonly warning?: boolean }) {
  return (
    <span
      className={warning ? 'panel-hint panel-hint-warning' : 'panel-hint'}
      title={text}
      role="img"
      aria-label={text}
    >
      <Icon name={warning ? 'warning' : 'info'} size={14} />
    </span>
  );
}

/** True while the element is near the screen; the first sight decides at once. */
function useVisible(ref: React.RefObject<HTMLElement | null>): boolean {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new IntersectionObserver((entries) => setVisible(entries.at(-1)!.isIntersecting), {
      rootMargin: '150px',
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return visible;
}
