/** Changing one's password. */
import { type FormEvent, useState } from 'react';
import { requestJson } from '../server/api.ts';

export default function ProfilePage() {
  const [message, setMessage] = useState<{ readonly text: string; readonly good: boolean }>();
  const change = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const element = event.currentTarget;
    const form = new FormData(element);
    if (form.get('newPassword') !== form.get('again')) {
      setMessage({ text: 'The two new passwords differ.', good: false });
      return;
    }
    try {
      await requestJson('/api/user/password', {
        method: 'PUT',
        body: { oldPassword: form.get('oldPassword'), newPassword: form.get('newPassword') },
      });
      element.reset();
      setMessage({ text: 'The password is changed; other browsers were logged out.', good: true });
    } catch (error) {
      setMessage({ text: (error as Error).message, good: false });
    }
  };
  return (
    <div className="page-narrow">
      <h1>Change password</h1>
      <form className="form" onSubmit={change}>
        <label>
          Current password
          <input name="oldPassword" type="password" autoComplete="current-password" required />
        </label>
        <label>
          New password
          <input name="newPassword" type="password" autoComplete="new-password" minLength={8} required />
        </label>
        <label>
          New password again
          <input name="again" type="password" autoComplete="new-password" minLength={8} required />
        </label>
        {message !== undefined && (
          <p className={message.good ? 'form-good' : 'form-problem'} role="status">
            {message.text}
          </p>
        )}
        <button type="submit" className="button button-primary">
          Change
        </button>
      </form>
    </div>
  );
}
