// The forward connector: what leaves one pipeline enters another of the same signal, unchanged.

import type { Signal } from '@mario/otlp';
import type { ConnectorFactory, Consume, Step } from '../../component.ts';

export const forwardConnector: ConnectorFactory<null> = {
  kind: 'connector',
  types: ['forward'],
  routes: [
    { from: 'traces', to: 'traces' },
    { from: 'metrics', to: 'metrics' },
    { from: 'logs', to: 'logs' },
  ],
  readConfig(node) {
    node.fields({});
    return null;
  },
  create<From extends Signal, To extends Signal>(
    _route: { readonly from: From; readonly to: To },
    _config: null,
    _settings: unknown,
    next: Consume<To>,
  ): Step<From> {
    return {
      start: async () => {},
      shutdown: async () => {},
      // The routes above only join equal signals.
      consume: next as unknown as Consume<From>,
    };
  },
};
