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
    styles: ['forms.css', 'checkout.css'],
    body: html`<div class="narrow">
<h1 class="page-title">Allow access?</h1>
<form method="post" action="/api/auth/authorize" class="sheet">
  <p><b>${client.name}</b> asks to act as <b>${principal.login}</b>, with the ${principal.roles.length === 1 ? 'role' : 'roles'} ${principal.roles.join(', ')}.</p>
  ${hidden}<button class="button block big" name="decision" value="allow">Allow</button>
  <button class="button block ghost" name="decision" value="deny">Do not allow</button>
  <p class="centre quiet">The answer goes to ${new URL(redirectUri).origin}.</p>
</form>
</div>`,
  };
}
