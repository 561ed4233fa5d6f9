import { m } from '#lib/paraglide/messages.js';
import type { MenuItem } from '#lib/ui/menu-item.ts';

/** Signs out by a form of its own: the cookie goes with the answer, and everything the page held goes with the page. */
export function signOut(): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = '/sign-out';
  document.body.append(form);
  form.submit();
}

export function personItems(roles: readonly string[], onsignout: () => void): MenuItem[] {
  const items: MenuItem[] = [
    { label: m.to_first_page(), href: '/' },
    { label: m.account(), href: '/account' },
  ];
  if (roles.includes('administrator')) items.push({ label: m.settings(), href: '/settings' });
  return [...items, { label: m.sign_out(), onselect: onsignout, divider: true }];
}
