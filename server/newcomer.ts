/** People for whoever sets up a region, a demonstration or a run of tests: somebody new who takes his invitation at once, and one who signs in. */
import type { Person } from '#models/people/person.ts';
import type { Role } from '#models/people/rights.ts';
import type { Door } from './door.ts';

export interface Newcomer {
  /** Tells him apart from others who are appointed to the same. */
  name: string;
  username: string;
  password: string;
  role: Role;
  unit: string;
  procedure?: string | null;
  /** His last day; without it he stays until somebody ends it. */
  to?: string | null;
}

/** The use cases that it takes; the same ones that the pages call. */
export type Appointing = Pick<Door['appointments'], 'part' | 'appoint' | 'inviteAgain' | 'accept'>;

/** Appoints and takes; returns the person's id. Repeated after a crash it completes what was begun. */
export async function appointNewcomer(door: Appointing, by: Person, newcomer: Newcomer): Promise<string> {
  const { name, username, password, role, unit, procedure = null, to = null } = newcomer;
  const { rows } = (await door.part(by, unit)).state;
  const own = rows.filter(
    (row) => row.name === name && row.role === role && row.unit === unit && row.procedure === procedure,
  );
  const present = own.find(({ status }) => status === 'appointed');
  if (present) return present.person ?? '';
  const begun = own.find(({ status }) => status === 'invited');
  const contacts = { phone: '+7 000 000-00-00', email: `${username}@example.org` };
  const { code } = begun
    ? await door.inviteAgain(by, begun.id, 'card', 'ru')
    : await door.appoint(by, { name, role, unit, procedure, to, ...contacts, channel: 'card' }, 'ru');
  return (await door.accept(code ?? '', { username, password })).person;
}

/** Who signs in with it. Each call is a session of its own: whoever needs him often keeps him. */
export async function personOf(
  { signIn, people }: Pick<Door, 'signIn' | 'people'>,
  { username, password }: { username: string; password: string },
): Promise<Person> {
  const { cookies } = await signIn.begin({ username, password }, new Headers());
  const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
  const id = await signIn.identify(new Headers({ cookie }));
  const person = id === null ? null : await people.load(id);
  if (!person) throw new Error(`${username} can't sign in`);
  return person;
}
