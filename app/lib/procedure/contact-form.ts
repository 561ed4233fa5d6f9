/** The contacts of whoever runs a procedure, as `ContactFields.svelte` sends them. */
import type { Centre } from '#models/procedure/procedure.ts';

export const contactOf = (field: (name: string) => string): Centre => ({
  name: field('centreName'),
  phone: field('centrePhone'),
  email: field('centreEmail'),
  siteUrl: field('centreSite'),
});
