import { error } from '@sveltejs/kit';

/** The gallery of the design system is for those who build the hub: nothing of it is served in production. */
export function load(): void {
  if (!import.meta.env.DEV) error(404);
}
