import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { termWords } from '#lib/people/term-words.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** The card as a sheet to print. Whoever was shown the code a moment ago has it; the hub itself keeps only its hash. */
export const POST: RequestHandler = ({ locals, url, request }) =>
  orRefusalJson(async () => {
    const person = signedIn(locals, url);
    const code = textOf(await request.formData(), 'code');
    const { appointment, unit, link } = await locals.hub.appointments.card(person, code);
    const expiresAtMs = appointment.invitations.at(-1)?.expiresAtMs ?? 0;
    const bytes = await locals.hub.workbooks.invitationPdf({
      title: m.card_heading(),
      lines: [
        appointment.name,
        `${say(`role_${appointment.role}`)}, ${unit.name}`,
        termWords(appointment),
        m.appointment_by({
          name: appointment.madeBy,
          at: formatDateTime(appointment.madeAtMs, { locale: getLocale(), zone: appointment.zone }),
        }),
      ],
      link,
      codeLabel: m.card_code(),
      code: link.slice(link.lastIndexOf('/') + 1),
      how: m.card_how(),
      until: m.card_until({
        at: formatDateTime(expiresAtMs, { locale: getLocale(), zone: appointment.zone }),
      }),
    });
    return fileResponse(bytes, 'pdf', `${m.invitation_title()} ${appointment.name}`);
  });
