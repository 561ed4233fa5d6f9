import { redirect } from '@sveltejs/kit';
import { plainCode } from '#models/people/appointment.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions } from './$types';

export const actions: Actions = {
  default: async ({ request }) => {
    const code = plainCode(textOf(await request.formData(), 'code').slice(0, 100));
    redirect(303, code === '' ? '/invitation' : `/invitation/${code}`);
  },
};
