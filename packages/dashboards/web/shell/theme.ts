/** Light or dark: as the system says, or as the reader chose. */
import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type ThemeMode = 'light' | 'dark';

const KEY = 'mario.theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

export function themeChoice(): ThemeChoice {
  const fromAddress = new URLSearchParams(window.location.search).get('theme');
  const stored = fromAddress ?? readStored();
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function themeMode(): ThemeMode {
  const choice = themeChoice();
  return choice === 'system' ? (system.matches ? 'dark' : 'light') : choice;
}

export function chooseTheme(choice: ThemeChoice): void {
  try {
    window.localStorage.setItem(KEY, choice);
  } catch {
    // Storage is switched off: the choice lasts for this page.
  }
  applyTheme();
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = themeMode();
  for (const listener of listeners) listener();
}

system.addEventListener('change', applyTheme);

export function useThemeMode(): ThemeMode {
  return useSyncExternalStore(subscribe, themeMode);
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, themeChoice);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function readStored(): string | null {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
