/** Keeps a page that breaks from taking the whole window along. */
import { Component, type ReactNode } from 'react';
import { Failure } from '../ui/states.tsx';

interface State {
  readonly error: Error | undefined;
}

export class PageErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const advice = /dynamically imported module/.test(error.message)
      ? 'A newer version may be running: reload the page.'
      : 'Reload the page; if it stays, the message above belongs into a bug report.';
    return (
      <Failure
        title="This page could not be shown"
        message={error.message}
        advice={advice}
        retry={() => window.location.reload()}
      />
    );
  }
}
