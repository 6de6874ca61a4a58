// Asks OpenFeature how strongly a fault acts on this use. The SDK is loaded when the first fault is switched on: a house
// in which nothing goes wrong on purpose does not pay for it.

import type { Client, Hook } from '@openfeature/server-sdk';
import type { FaultName } from './fault-catalogue.ts';
import type { Switchboard } from './switchboard.ts';

/** An evaluation in the words of the OpenTelemetry semantic conventions (`feature_flag.evaluation`). */
export interface FlagEvaluation {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** Each pizzeria of a process has an OpenFeature domain of its own, because providers are global. */
let domains = 0;

export class Flags {
  readonly #switchboard: Switchboard;
  readonly #note: (evaluation: FlagEvaluation) => void;
  #client: Promise<Client> | undefined;

  /** `note` hears of every evaluation that lets a fault act, in the context of the span that is active there. */
  constructor(switchboard: Switchboard, note: (evaluation: FlagEvaluation) => void) {
    this.#switchboard = switchboard;
    this.#note = note;
  }

  /** 0 at once while the fault is off. `subject` is what the use is about (an order's id), never who. */
  strengthOf(name: FaultName, subject?: string): number | Promise<number> {
    if (this.#switchboard.valueOf(name) === 0) return 0;
    return this.#evaluate(name, subject);
  }

  async #evaluate(name: FaultName, subject: string | undefined): Promise<number> {
    this.#client ??= this.#open();
    const client = await this.#client;
    return client.getNumberValue(name, 0, subject === undefined ? {} : { targetingKey: subject });
  }

  async #open(): Promise<Client> {
    const { OpenFeature, createEvaluationEvent } = await import('@openfeature/server-sdk');
    const { SwitchboardProvider } = await import('./flag-provider.ts');
    const domain = `mario-pizzeria-${(domains += 1)}`;
    await OpenFeature.setProviderAndWait(domain, new SwitchboardProvider(this.#switchboard));
    const tell: Hook = {
      after: (context, details) => {
        if (details.variant !== 'on') return;
        const { name, attributes } = createEvaluationEvent(context, details);
        this.#note({ name, attributes: primitives(attributes) });
      },
    };
    return OpenFeature.getClient(domain).addHooks(tell);
  }
}

function primitives(attributes: Readonly<Record<string, unknown>>): FlagEvaluation['attributes'] {
  const kept: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') kept[key] = value;
  }
  return kept;
}
