/** Entering: name and password, then on to where one wanted to go. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { navigate, useLocation } from '../router/router.ts';
import { requestJson } from '../server/api.ts';

const LOCAL = /^(localhost|127\.|\[::1\])/;

export default function LoginPage() {
  const { search } = useLocation();
  const client = useQueryClient();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem('');
    try {
      await requestJson('/login', { body: { user: form.get('user'), password: form.get('password') } });
      client.clear();
      const wanted = search.get('redirectTo') ?? '/';
      navigate(wanted.startsWith('/') && !wanted.startsWith('//') ? wanted : '/', { replace: true });
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <main className="login">
      <form className="login-card" onSubmit={enter}>
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <h1>Mario’s telemetry</h1>
        <p className="quiet">Metrics, traces and logs of the pizzeria</p>
        <label>
          Name
          {/* biome-ignore lint/a11y/noAutofocus: the page has this one purpose */}
          <input name="user" autoComplete="username" required autoFocus autoCapitalize="none" />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {problem !== '' && (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="button button-primary" disabled={busy}>
          {busy ? 'Logging in…' : 'Log in'}
        </button>
        {LOCAL.test(window.location.host) && <p className="hint">On this machine: admin / admin</p>}
      </form>
    </main>
  );
}
