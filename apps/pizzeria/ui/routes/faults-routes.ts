// The page with the switches of the faults.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OFFICE } from '../../application/identity/access.ts';
import { isFaultName } from '../../faults/fault-catalogue.ts';
import type { Faults } from '../../faults/faults.ts';
import { readForm } from '../form.ts';
import type { PageSender } from '../page-sender.ts';
import { errorPage } from '../pages/error-page.ts';
import { faultsPage } from '../pages/faults-page.ts';

interface FaultsParts {
  readonly faults: Faults;
  readonly pages: PageSender;
  /** True where each fault has a page of its own. */
  readonly hasGuides: boolean;
}

const FAULTS_PATH = '/manage/faults';

export function faultsRoutes(app: FastifyInstance, { faults, pages, hasGuides }: FaultsParts): void {
  const office = { config: { access: OFFICE } };
  const show = (request: FastifyRequest, refusal?: string) =>
    faultsPage({ faults: faults.list(), visitor: pages.visitor(request), refusal, hasGuides });

  app.get(FAULTS_PATH, office, async (request, reply) => pages.page(reply, show(request)));

  app.post(FAULTS_PATH, office, async (_request, reply) => {
    faults.allOff();
    return reply.redirect(FAULTS_PATH, 303);
  });

  app.post<{ Params: { name: string } }>(`${FAULTS_PATH}/:name`, office, async (request, reply) => {
    const { name } = request.params;
    if (!isFaultName(name)) return pages.page(reply.code(404), errorPage(404, 'There is no such fault.'));
    const form = readForm(request.body);
    const work = async () => {
      const minutes = Number(form('minutes'));
      faults.set(name, {
        on: form('on') === 'yes',
        ...(form('value') !== '' && { value: Number(form('value')) }),
        ...(minutes > 0 && { forSeconds: minutes * 60 }),
      });
      return `${FAULTS_PATH}#${name}`;
    };
    return pages.form(reply, work, async (refusal) => show(request, refusal));
  });
}
