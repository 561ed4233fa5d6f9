import type { Door } from '#server/door.ts';
import { qrPicture } from '#lib/sign-in/qr.server.ts';

export interface InvitationCard {
  name: string;
  code: string;
  link: string;
  picture: { size: number; path: string };
}

/** What is shown once of an invitation that is handed over: the address with its picture, and the code. */
export async function cardOf(
  hub: Door,
  person: Parameters<Door['appointments']['card']>[0],
  code: string,
): Promise<InvitationCard> {
  const { appointment, link } = await hub.appointments.card(person, code);
  return { name: appointment.name, code, link, picture: qrPicture(link) };
}
