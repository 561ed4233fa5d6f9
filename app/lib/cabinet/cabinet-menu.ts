import { m } from '#lib/paraglide/messages.js';
import type { NavItem } from '#lib/ui/menu-item.ts';

/** The places of a cabinet; with signing out they are its menu of four items (S0-17). */
export type CabinetPlace = 'information' | 'monitorings' | 'past';

/** The menu of a cabinet: exactly four items (S0-17). Whoever looks in from the territory signs out elsewhere. */
export function cabinetMenu(institution: string, place: CabinetPlace, isOwn: boolean): NavItem[] {
  const base = `/cabinet/${institution}`;
  const items: NavItem[] = [
    { label: m.cabinet_information(), href: base, current: place === 'information' },
    { label: m.cabinet_monitorings(), href: `${base}/monitorings`, current: place === 'monitorings' },
    { label: m.cabinet_past(), href: `${base}/past`, current: place === 'past' },
  ];
  return isOwn ? [...items, { label: m.cabinet_sign_out(), href: '/sign-out', method: 'post' }] : items;
}
