import { redirect } from '@sveltejs/kit';
import { getLocale } from '#lib/paraglide/runtime.js';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { deviceName } from '#lib/sign-in/device-name.ts';
import { setCookies } from '#lib/site/cookies.server.ts';
import { rawTextOf, textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  const { hub, person, sessionId } = locals;
  if (!person || sessionId === null) redirect(303, '/sign-in?next=/account');
  const [sessions, safeguard, appointments, viewings, publicKey, devices] = await Promise.all([
    hub.signIn.sessions(person.id, sessionId),
    hub.safeguards.view(person),
    hub.appointments.own(person),
    hub.viewings.ofOwner(person),
    hub.pushes.publicKey(),
    hub.pushes.snapshot(person, { person: person.id }),
  ]);
  return {
    username: person.username,
    appointments,
    viewings,
    push: { publicKey, snapshot: devices },
    safeguard: {
      ...safeguard,
      newDevices: safeguard.newDevices.map(({ agent, ...device }) => ({ ...device, name: deviceName(agent) })),
    },
    sessions: sessions.map(({ agent, ...session }) => ({ ...session, name: deviceName(agent) })),
    limits: hub.signIn.limits,
  };
};

/** Runs a deed of the account with the form; a refusal goes back into it. */
async function deed<T>(
  { request, locals }: RequestEvent,
  work: (own: { id: string; sessionId: string; form: FormData; present: string }) => Promise<T>,
) {
  const form = await request.formData();
  const { person, sessionId } = locals;
  if (!person || sessionId === null) redirect(303, '/sign-in?next=/account');
  return orFail(() => work({ id: person.id, sessionId, form, present: rawTextOf(form, 'present') }));
}

export const actions: Actions = {
  password: (event) =>
    deed(event, async ({ id, form, present }) => {
      const { hub, address } = event.locals;
      await hub.limits.signIn(address);
      await hub.safeguards.changePassword(id, { present, next: rawTextOf(form, 'next') }, getLocale());
      setCookies(event.cookies, await hub.signIn.reopen(id, event.request.headers, getLocale()));
      return { done: 'password' as const };
    }),

  enrol: async (event) => {
    const failure = await deed(event, async ({ id, present }) => {
      const { hub, person } = event.locals;
      await hub.safeguards.confirmPresent(id, present);
      if (person) await hub.safeguards.enrolment(person);
      return null;
    });
    if (failure) return failure;
    redirect(303, '/account/second-factor');
  },

  recovery: (event) => deed(event, ({ id, present }) => event.locals.hub.safeguards.renewRecovery(id, present)),

  factorOff: (event) =>
    deed(event, async ({ id, present }) => {
      const { hub, person } = event.locals;
      if (person) await hub.safeguards.turnOffSecondFactor(person, present, getLocale());
      setCookies(event.cookies, await hub.signIn.reopen(id, event.request.headers, getLocale()));
      return { done: 'factorOff' as const };
    }),

  email: (event) =>
    deed(event, async ({ id, form, present }) => {
      const email = textOf(form, 'email');
      await event.locals.hub.safeguards.nameEmail(id, { email, present }, getLocale());
      return { done: 'email' as const, email };
    }),

  end: (event) =>
    deed(event, async ({ id, form }) => {
      await event.locals.hub.signIn.endSession(id, textOf(form, 'session'));
      return { done: 'ended' as const };
    }),

  others: (event) =>
    deed(event, async ({ id, sessionId }) => {
      await event.locals.hub.signIn.endOtherSessions(id, sessionId);
      return { done: 'others' as const };
    }),

  everywhere: async (event) => {
    await deed(event, ({ id }) => event.locals.hub.signIn.endAllSessions(id));
    redirect(303, '/sign-in');
  },

  endViewing: (event) =>
    deed(event, async ({ id, form }) => {
      await event.locals.hub.viewings.decline({ id }, textOf(form, 'viewing'));
      return { done: 'viewing' as const };
    }),

  removeDevice: (event) =>
    deed(event, async ({ form }) => {
      const { hub, person } = event.locals;
      if (person) await hub.pushes.remove(person, textOf(form, 'device'));
      return null;
    }),

  testDevice: (event) =>
    deed(event, async ({ form }) => {
      const { hub, person } = event.locals;
      if (person) await hub.pushes.test(person, textOf(form, 'device'), '/account');
      return { tested: true };
    }),

  ownDevice: (event) =>
    deed(event, async ({ id, form }) => {
      await event.locals.hub.safeguards.ownDevice(id, textOf(form, 'device'));
      return null;
    }),

  disownDevice: (event) =>
    deed(event, async ({ id, form }) => {
      await event.locals.hub.safeguards.disownDevice(id, textOf(form, 'device'));
      return { done: 'disowned' as const };
    }),
};
