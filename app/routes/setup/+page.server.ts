import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { rawTextOf, textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  if (!(await locals.hub.needsSetup())) redirect(303, '/');
  const lengthMin = locals.hub.passwords.lengthMin(['administrator']);
  return {
    lengthMin,
    zones: Intl.supportedValuesOf('timeZone').filter((zone) => /^(Europe|Asia)\//.test(zone)),
  };
};

export const actions: Actions = {
  default: async ({ request, locals }) => {
    const { hub, address } = locals;
    const form = await request.formData();
    const field = (name: string): string => textOf(form, name);
    const failure = await orFail(async () => {
      await hub.limits.setup(address);
      await hub.setUp(field('code'), {
        administrator: {
          name: field('name'),
          username: field('username'),
          password: rawTextOf(form, 'password'),
        },
        top: { kind: field('topKind'), id: field('topId'), name: field('topName'), zone: field('zone') },
      });
      return null;
    });
    if (failure) return failure;
    redirect(303, `/sign-in?fresh&name=${encodeURIComponent(field('username'))}&next=/settings`);
  },
};
