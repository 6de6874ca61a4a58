// Bodies as HTML forms send them: `application/x-www-form-urlencoded`, a flat object of texts.

import type { FastifyInstance, FastifyRequest } from 'fastify';

export const FORM = 'application/x-www-form-urlencoded';
/** A form of ours has a dozen fields. */
const FORM_BYTES_MAX = 64 * 1024;

/** Lets the routes of this instance take forms beside JSON. */
export function takeForms(app: FastifyInstance): void {
  app.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: FORM_BYTES_MAX }, (_request, body, done) => {
    // The null prototype keeps `__proto__` an ordinary field.
    const fields: Record<string, string> = Object.create(null);
    for (const [name, value] of new URLSearchParams(String(body))) fields[name] = value;
    done(null, fields);
  });
}

export function isForm(request: FastifyRequest): boolean {
  return request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === FORM;
}

/** A path of this site, or the front page: a form must not send people elsewhere. */
export function safePath(text: string | undefined): string {
  // A backslash is a slash to browsers, and two slashes are another host.
  return text !== undefined && /^\/(?![/\\])[^\\\s]*$/.test(text) && text.length <= 500 ? text : '/';
}
