// Logging in: one form that works without scripts.

import type { AccessPolicy } from '../../application/identity/access.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';

export interface LoginView {
  /** Where to go afterwards; only a path of ours. */
  readonly return?: string;
  /** Why the last try did not work. */
  readonly failed?: string;
  readonly policy: AccessPolicy;
  /** An OpenID Connect provider that may vouch for people. */
  readonly provider: string | undefined;
}

const FAILURES: Readonly<Record<string, string>> = {
  refused: 'We know no such login with this password. Please try again.',
  limited: 'That was too often in a row. Please wait a few minutes.',
  provider: 'The other side did not let you in, or did not answer. Please try again.',
  demo: 'The accounts of the demonstration work on this machine only, until their passwords are changed.',
};

const DEMO_ACCOUNTS = [
  ['ada', 'a customer'],
  ['luigi', 'the chef'],
  ['enzo', 'a driver'],
  ['mario', 'the manager'],
] as const;

export function loginPage({ return: back, failed, policy, provider }: LoginView): Page {
  const target = returnPath(back);
  return {
    title: 'Log in',
    path: '/login',
    styles: ['forms.css', 'checkout.css'],
    body: html`<div class="narrow">
<h1 class="page-title">Welcome back</h1>
<form method="post" action="/api/auth/login" class="sheet">
  ${failed === undefined ? '' : html`<p class="notice error" role="alert">${FAILURES[failed] ?? 'That did not work. Please try again.'}</p>`}
  <input type="hidden" name="return" value="${target}">
  <label class="field"><span>Login</span><input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"></label>
  <label class="field"><span>Password</span><input name="password" type="password" autocomplete="current-password" required maxlength="200"></label>
  <button class="button block big">Log in</button>
  ${provider === undefined ? '' : html`<a class="button block ghost" href="/api/auth/oidc/login?return=${encodeURIComponent(target)}">Log in with ${provider}</a>`}
  <p class="centre">New here? <a href="/register?return=${encodeURIComponent(target)}">Open an account</a>, or just <a href="/">order as a guest</a>.</p>
</form>
${policy.allowsDemoAccounts ? demoAccounts() : ''}
</div>`,
  };
}

/** Somebody else's address, or one that a browser reads as such, leads home. */
export function returnPath(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])[\w/?=&.%-]*$/.test(text) ? text : '/';
}

function demoAccounts(): Html {
  return html`<section class="aside" aria-labelledby="demo-title"><h2 id="demo-title">Accounts of the demonstration</h2>
  <p class="quiet">The password is the same as the login. They work on this machine only.</p>
  <dl class="pairs">${DEMO_ACCOUNTS.map(([login, who]) => html`<div><dt><code>${login}</code></dt><dd>${who}</dd></div>`)}</dl></section>`;
}
