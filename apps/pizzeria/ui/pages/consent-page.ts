// The question whether a program may act in somebody's name (OAuth).

import type { ConsentQuestion } from '../../api/oauth-routes.ts';
import { html } from '../html.ts';
import type { Page } from '../layout.ts';

export function consentPage({ client, principal, redirectUri, fields }: ConsentQuestion): Page {
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`,
  );
  return {
    title: 'Allow access',
    path: '/login',
    body: html`<h1 class="page-title">Allow access?</h1>
<section class="panel">
  <p><b>${client.name}</b> asks to act as <b>${principal.login}</b>, with the role ${principal.roles.join(', ')}.</p>
  <p class="quiet">The answer goes to ${new URL(redirectUri).origin}.</p>
  <form method="post" action="/api/auth/authorize">
    ${hidden}<p><button class="big" name="decision" value="allow">Allow</button>
    <button name="decision" value="deny">Do not allow</button></p>
  </form>
</section>`,
  };
}
