import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import type { Person } from '#models/people/person.ts';
import type { Actions, PageServerLoad } from './$types';

/** What of a forum somebody wants to hear of, and how. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { procedure } = params;
  const [reader, parts, account, push] = await Promise.all([
    hub.forum.reader(person, { procedure, person: person.id }),
    hub.forum.territories(person, procedure),
    hub.safeguards.view(person),
    // Devices are nobody's but his own: whoever looks through his eyes has none.
    locals.viewing ? null : pushOf(locals, person),
  ]);
  return { attention: reader.state.attention, parts, email: account.email, push };
};

/** By which key a browser is asked, and where he is told already. */
async function pushOf({ hub }: App.Locals, person: Person) {
  const [publicKey, devices] = await Promise.all([hub.pushes.publicKey(), hub.pushes.devices(person)]);
  return { publicKey, endpoints: devices.map(({ endpoint }) => endpoint) };
}

/** What a browser says of itself; anything else is refused where it is read. */
function subscriptionOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `22:30` as minutes of the day; null for anything else. */
function minuteOf(time: string): number | null {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(time) ?? [];
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes);
}

export const actions: Actions = {
  attend: async ({ params, request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    const [fromMin, toMin] = [minuteOf(textOf(form, 'from')), minuteOf(textOf(form, 'to'))];
    return orFail(async () => {
      await locals.hub.attention.attend(person, params.procedure, {
        isAll: form.get('all') !== null,
        parts: form.getAll('part').map(String),
        digest: textOf(form, 'digest'),
        quiet: fromMin === null || toMin === null ? null : { fromMin, toMin },
        zone: textOf(form, 'zone'),
        language: getLocale(),
        notifies: form.get('notifies') !== null,
        pushes: form.get('pushes') !== null,
      });
      return { kept: true };
    });
  },

  addDevice: async ({ params, request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(async () => {
      const { hub, device } = locals;
      await hub.attention.addDevice(person, params.procedure, subscriptionOf(textOf(form, 'subscription')), {
        ...{ device, browser: hub.signIn.browserOf(request.headers), language: getLocale() },
        agent: request.headers.get('user-agent') ?? '',
      });
      return { device: 'added' as const };
    });
  },
};
