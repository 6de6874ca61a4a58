/** `/silences` and `/silence/<id>`: list, set, look up and end silences. */
import type { FastifyInstance } from 'fastify';
import { type Alertmanager, SilenceRefused } from '../alertmanager.ts';
import { compareSilences, type Silence } from '../silence.ts';
import { silenceJson } from './alert-json.ts';
import { frameworkRefusal, refusal, send } from './api-answer.ts';
import { readSilence } from './body-reader.ts';
import { matchersOf } from './filter.ts';

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

export function addSilenceRoutes(app: FastifyInstance, alertmanager: Alertmanager, nowMs: () => number): void {
  const { state } = alertmanager;
  app.get('/silences', async (request, reply) => {
    const matchers = matchersOf(new URLSearchParams(request.url.replace(/^[^?]*\??/, '')));
    const atMs = nowMs();
    const found = [...state.silences.values()].filter((silence) => isAbout(silence, matchers));
    return send(
      reply,
      found.toSorted((a, b) => compareSilences(a, b, atMs)).map((silence) => silenceJson(silence, atMs)),
    );
  });
  app.post('/silences', async (request, reply) => {
    const silence = readSilence(request.body, nowMs());
    try {
      return send(reply, { silenceID: await alertmanager.setSilence(silence) });
    } catch (error) {
      throw error instanceof SilenceRefused ? refusal(error.status, error.message) : error;
    }
  });
  app.get('/silence/:id', async (request, reply) => {
    const silence = state.silences.get(idOf(request.params));
    return silence === undefined ? reply.code(404).send() : send(reply, silenceJson(silence, nowMs()));
  });
  app.delete('/silence/:id', async (request, reply) => {
    if (await alertmanager.expireSilence(idOf(request.params))) return reply.code(200).send();
    throw refusal(404, 'silence not found');
  });
}

function idOf(params: unknown): string {
  const { id } = params as { id: string };
  if (UUID.test(id)) return id;
  throw frameworkRefusal(422, 601, `silenceID in path must be of type uuid: ${JSON.stringify(id)}`);
}

/** Whether the labels that the silence names have the values that the filter wants. */
function isAbout(silence: Silence, filter: ReturnType<typeof matchersOf>): boolean {
  const values = new Map(silence.matchers.map(({ name, value }) => [name, value]));
  return filter.every((matcher) => matcher.matches(values.get(matcher.name) ?? ''));
}
