/** A panel that breaks shows so in its own frame; new data gives it another try. */
import { Component, type ReactNode } from 'react';
import { Failure } from '../ui/states.tsx';

interface Props {
  readonly data: unknown;
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | undefined;
  readonly data: unknown;
}

export class PanelErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined, data: this.props.data };

  static getDerivedStateFromError(error: Error): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.data === state.data ? null : { data: props.data, error: undefined };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <Failure title="This panel could not be drawn" message={this.state.error.message} />;
  }
}
