/**
 * The theme is kept in a cookie, so that the server can write `data-theme` on <html> and nothing flashes.
 * Without the cookie the page follows the system.
 */
export type Theme = 'system' | 'light' | 'dark';
export const themeCookie = 'theme';
const YEAR_S = 365 * 24 * 3600;

export function parseTheme(text: string | undefined): Theme {
  return text === 'light' || text === 'dark' ? text : 'system';
}

/** Browser only. */
export function currentTheme(): Theme {
  const pair = document.cookie.split('; ').find((one) => one.startsWith(`${themeCookie}=`));
  return parseTheme(pair?.slice(themeCookie.length + 1));
}

/** Browser only: shows the theme and remembers it. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.cookie = `${themeCookie}=${theme}; path=/; max-age=${theme === 'system' ? 0 : YEAR_S}; samesite=lax`;
}
