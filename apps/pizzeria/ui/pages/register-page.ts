// Opening an account: login, password, and where the pizzas go.

import { html } from '../html.ts';
import type { Page } from '../layout.ts';
import { contactFields } from './contact-fields.ts';
import { returnPath } from './login-page.ts';

const FAILURES: Readonly<Record<string, string>> = {
  'login-taken': 'Somebody has this login already. Please choose another one.',
  'login-valid': 'A login has 3 to 64 small letters, digits and . _ @ + -, beginning with a letter or digit.',
  'password-strong-enough':
    'A password has at least 10 characters and does not contain the login; a sentence is a good one.',
  'phone-valid': 'A phone number has 6 to 15 digits.',
  limited: 'That was too often in a row. Please wait a few minutes.',
};

export function registerPage(view: { readonly return?: string; readonly failed?: string }): Page {
  const target = returnPath(view.return);
  const failure =
    view.failed === undefined ? undefined : (FAILURES[view.failed] ?? `Please check the form (${view.failed}).`);
  return {
    title: 'Open an account',
    path: '/login',
    styles: ['forms.css', 'checkout.css'],
    body: html`<div class="narrow">
<h1 class="page-title">Make yourself at home</h1>
<form method="post" action="/api/auth/register" class="sheet">
  ${failure === undefined ? '' : html`<p class="notice error" role="alert">${failure}</p>`}
  <input type="hidden" name="return" value="${target}">
  <fieldset><legend>Your account</legend>
    <label class="field"><span>Login</span><input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required minlength="3" maxlength="64"></label>
    <label class="field"><span>Password <i class="quiet">ten characters or more</i></span><input name="password" type="password" autocomplete="new-password" required minlength="10" maxlength="200"></label>
  </fieldset>
  <fieldset><legend>Where shall we bring it?</legend>
      ${contactFields()}
  </fieldset>
  <button class="button block big">Open the account</button>
  <p class="centre">You have one? <a href="/login?return=${encodeURIComponent(target)}">Log in</a></p>
</form>
</div>`,
  };
}
