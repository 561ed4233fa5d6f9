import type { Door } from '#server/door.ts';
import { qrPicture } from '#lib/sign-in/qr.server.ts';
import type { InvitationCard } from './invitation-card.ts';

/** The card of an invitation that the person made a moment ago. */
export async function cardOf(
  hub: Door,
  person: Parameters<Door['appointments']['card']>[0],
  code: string,
): Promise<InvitationCard> {
  const { appointment, link } = await hub.appointments.card(person, code);
  return { name: appointment.name, code, link, picture: qrPicture(link) };
}
