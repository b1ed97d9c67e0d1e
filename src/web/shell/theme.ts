import { useState } from 'react';

type Theme = 'system' | 'light' | 'dark';
const rememberedAs = 'emanet-theme';
const isTheme = (value: unknown): value is Theme => value === 'system' || value === 'light' || value === 'dark';

function kept(): Theme {
  const value = localStorage.getItem(rememberedAs);
  return isTheme(value) ? value : 'system';
}

/** Shows the pages light or dark, as was chosen on this device. */
export function showTheme(theme = kept()): void {
  document.documentElement.style.colorScheme = theme === 'system' ? 'light dark' : theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(kept);
  return [
    theme,
    (next) => {
      localStorage.setItem(rememberedAs, next);
      showTheme(next);
      setTheme(next);
    },
  ];
}
