/** What is shown while something loads, when there is nothing, and when it failed: always with what to do next. */
import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';

export function Loading({ what }: { readonly what: string }) {
  return (
    <div className="state" role="status">
      <span className="spinner" aria-hidden="true" />
      <span className="state-quiet">Loading {what}…</span>
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="state">
      <strong>{title}</strong>
      {children !== undefined && <span className="state-quiet">{children}</span>}
    </div>
  );
}

export interface FailureProps {
  readonly title: string;
  readonly message: string;
  readonly advice?: string;
  readonly retry?: () => void;
}

export function Failure({ title, message, advice, retry }: FailureProps) {
  return (
    <div className="state state-failure" role="alert">
      <Icon name="warning" size={20} />
      <strong>{title}</strong>
      <code>{message}</code>
      {advice !== undefined && <span className="state-quiet">{advice}</span>}
      {retry !== undefined && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
