import { m } from '#lib/paraglide/messages.js';
import { getLocale, setLocale } from '#lib/paraglide/runtime.js';
import type { MenuItem } from '#lib/ui/menu-item.ts';
import { applyTheme } from '#lib/ui/theme.ts';

/** Signs out by a form of its own: the cookie goes with the answer, and everything the page held goes with the page. */
function signOut(): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = '/sign-out';
  document.body.append(form);
  form.submit();
}

/** The menu of the person who is signed in. Language and look are here too: a narrow screen has no room for their switches. */
export function personItems({ roles, readsLetters }: { roles: readonly string[]; readsLetters: boolean }): MenuItem[] {
  const items: MenuItem[] = [
    { label: m.to_first_page(), href: '/' },
    { label: m.account(), href: '/account' },
  ];
  if (roles.includes('administrator')) items.push({ label: m.settings(), href: '/settings' });
  if (readsLetters) items.push({ label: m.letters_title(), href: '/letters' });
  const other = getLocale() === 'ru' ? 'en' : 'ru';
  return [
    ...items,
    { label: m.other_language(), onselect: () => void setLocale(other), divider: true },
    { label: m.look_light(), onselect: () => applyTheme('light') },
    { label: m.look_dark(), onselect: () => applyTheme('dark') },
    { label: m.sign_out(), onselect: signOut, divider: true },
  ];
}
