// Routes of the faults: what there is, and the switches.

import type { FastifyInstance } from 'fastify';
import { documented } from '../api/openapi.ts';
import { problem, sendProblem } from '../api/problem.ts';
import { isFaultName } from './fault-catalogue.ts';
import type { Faults } from './faults.ts';
import { FAULT_SECONDS_MAX, type FaultSetting, type FaultState } from './switchboard.ts';

const time = { type: ['string', 'null'], format: 'date-time' };

const faultSchema = {
  type: 'object',
  required: ['name', 'title', 'description', 'on', 'value', 'unit', 'min', 'max', 'default', 'since', 'until', 'alert'],
  properties: {
    name: { type: 'string' },
    title: { type: 'string' },
    description: { type: 'string' },
    on: { type: 'boolean' },
    value: { type: 'number', description: 'How strong it is, or would be' },
    unit: { enum: ['%', 's', 'ms', 'MiB', ''] },
    min: { type: 'number' },
    max: { type: 'number' },
    default: { type: 'number' },
    since: time,
    until: { ...time, description: 'It ends by itself then' },
    alert: { type: 'string', description: 'Fires while it is on' },
    consequences: { type: 'array', items: { type: 'string' }, description: 'Alerts that may fire as well' },
    dashboard: { type: 'string' },
    panel: { type: 'string' },
    query: {
      type: 'object',
      required: ['language', 'text'],
      properties: { language: { enum: ['promql', 'logql', 'traceql'] }, text: { type: 'string' } },
    },
    docs: { type: 'string' },
  },
} as const;

const listSchema = {
  type: 'object',
  required: ['faults'],
  properties: { faults: { type: 'array', items: faultSchema } },
} as const;

const settingSchema = {
  type: 'object',
  required: ['on'],
  additionalProperties: false,
  properties: {
    on: { type: 'boolean' },
    value: { type: 'number', description: 'In the unit of the fault; its default when absent' },
    forSeconds: { type: 'number', exclusiveMinimum: 0, maximum: FAULT_SECONDS_MAX },
  },
} as const;

export interface FaultRouteOptions {
  readonly faults: Faults;
  /** Route configuration that says who may do this. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Registers `/faults/` below the API. */
export function faultRoutes(app: FastifyInstance, { faults, config = {} }: FaultRouteOptions): void {
  const list = () => ({ faults: faults.list().map(faultView) });

  app.get(
    '/faults/',
    {
      schema: documented({ summary: 'What can go wrong on purpose', tags: ['Faults'], response: { 200: listSchema } }),
      config: { ...config },
    },
    async () => list(),
  );

  app.delete(
    '/faults/',
    {
      schema: documented({ summary: 'Switch every fault off', tags: ['Faults'], response: { 200: listSchema } }),
      config: { ...config },
    },
    async () => {
      faults.allOff();
      return list();
    },
  );

  app.put<{ Params: { name: string }; Body: FaultSetting }>(
    '/faults/:name',
    {
      schema: documented({
        summary: 'Switch a fault on or off',
        description: 'Switches live as long as the process. With forSeconds the fault ends by itself.',
        tags: ['Faults'],
        params: { properties: { name: { type: 'string', maxLength: 64 } } },
        body: settingSchema,
        response: { 200: faultSchema },
      }),
      config: { ...config, problems: [400, 404, 422] },
    },
    async (request, reply) => {
      const { name } = request.params;
      if (!isFaultName(name)) {
        return sendProblem(reply, problem('not-found', 404, 'There is no such fault; GET /api/faults/ lists them.'));
      }
      return faultView(faults.set(name, request.body));
    },
  );
}

function faultView({ sinceMs, untilMs, ...state }: FaultState) {
  return { ...state, since: iso(sinceMs), until: iso(untilMs), docs: `docs/faults/${state.name}.md` };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
