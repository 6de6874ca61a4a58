/** The list of subcommands; each is loaded only when it is run, so that `mario` itself starts at once. */
import type { Command } from './command.ts';

export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  up: {
    summary: 'the pizzeria, the stack and simulated customers: what `npm start` runs',
    load: async () => (await import('./commands/up.ts')).command,
  },
  stack: {
    summary: 'the stack alone, for any application with an OpenTelemetry SDK',
    load: async () => (await import('./commands/stack.ts')).command,
  },
  pizzeria: {
    summary: 'the pizzeria alone, exporting to whatever OTEL_* says',
    load: async () => (await import('./commands/pizzeria.ts')).command,
  },
  traffic: {
    summary: 'simulated customers and staff against a running pizzeria',
    load: async () => (await import('./commands/traffic.ts')).command,
  },
  payments: {
    summary: 'the payment provider of the simulated world, with traces of its own',
    load: async () => (await import('./commands/payments.ts')).command,
  },
  check: {
    summary: 'validates configuration files, rules and dashboards as the real tools would',
    load: async () => (await import('./commands/check.ts')).command,
  },
  query: {
    summary: 'asks a running stack, or a real Prometheus, Loki or Tempo',
    load: async () => (await import('./commands/query.ts')).command,
  },
  conformance: {
    summary: 'runs declarative conformance cases',
    load: async () => (await import('./commands/conformance.ts')).command,
  },
  bench: {
    summary: 'runs a benchmark, beside the real servers where they are installed',
    load: async () => (await import('./commands/bench.ts')).command,
  },
};
