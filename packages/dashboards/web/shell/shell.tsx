/** The bar on top: where one is, where one can go, light and dark, and the way out. */
import type { ReactNode } from 'react';
import { Link } from '../router/link.tsx';
import { useLocation } from '../router/router.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { chooseTheme, type ThemeChoice, useThemeChoice } from './theme.ts';

const DESTINATIONS = [
  { href: '/dashboards', label: 'Dashboards', starts: ['/d/', '/dashboards'] },
  { href: '/explore', label: 'Explore', starts: ['/explore', '/trace'] },
  { href: '/alerting', label: 'Alerts', starts: ['/alerting'] },
] as const;

export function Shell({ children }: { readonly children: ReactNode }) {
  const { path } = useLocation();
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <header className="shell-bar">
        <Link href="/dashboards" className="brand" aria-label="Mario's telemetry, all dashboards">
          <img src="/favicon.svg" alt="" width="22" height="22" />
          <span>Mario’s telemetry</span>
        </Link>
        <nav aria-label="Main">
          {DESTINATIONS.map(({ href, label, starts }) => {
            const here = starts.some((start) => path.startsWith(start)) || (path === '/' && href === '/dashboards');
            return (
              <Link key={href} href={href} className="nav-link" aria-current={here ? 'page' : undefined}>
                {label}
              </Link>
            );
          })}
        </nav>
        <div className="shell-end">
          <ThemeMenu />
          <Menu label="Account" button={<Icon name="user" />} align="end">
            <MenuItem href="/profile">Change password</MenuItem>
            <MenuItem onSelect={() => window.location.assign('/logout')}>Log out</MenuItem>
          </Menu>
        </div>
      </header>
      <main id="content">{children}</main>
    </div>
  );
}

const CHOICES: readonly { readonly choice: ThemeChoice; readonly label: string }[] = [
  { choice: 'system', label: 'Like the system' },
  { choice: 'light', label: 'Light' },
  { choice: 'dark', label: 'Dark' },
];

function ThemeMenu() {
  const chosen = useThemeChoice();
  return (
    <Menu label="Light or dark" button={<Icon name="theme" />} align="end">
      {CHOICES.map(({ choice, label }) => (
        <MenuItem key={choice} checked={choice === chosen} onSelect={() => chooseTheme(choice)}>
          {label}
        </MenuItem>
      ))}
    </Menu>
  );
}
