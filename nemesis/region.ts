/** A region with its centre and one monitoring, set up through the deeds of a node: what runs and benches begin with. */
import { insist } from './asking.ts';
import { PASSWORD, REGION } from './world.ts';

export interface RegionOptions {
  url: () => string;
  /** The node of the first start, which is known to it alone until it is over. */
  first: string;
  /** The code of the first start. */
  setupCode: string;
  /** Institutions as the administrator pastes them; each list is a deed of its own. */
  lists: readonly string[];
}

export interface Region {
  /** The cookie of the centre: administrator and regional coordinator. */
  centre: string;
  signIn: (username: string) => Promise<string>;
  /** Appoints somebody, who takes it and signs in; returns his cookie. */
  coordinator: (role: string, unit: string, username: string) => Promise<string>;
}

/** A list of thousands takes its time (ms). */
const LIST_MS_MAX = 120_000;

export async function setUpRegion({ url, first, setupCode, lists }: RegionOptions): Promise<Region> {
  const signIn = async (username: string): Promise<string> =>
    String(await insist(url, 'signIn', { username, password: PASSWORD }));
  await insist(() => first, 'setUp', {
    code: setupCode,
    administrator: { name: 'Тестов Тест Тестович', username: 'centre', password: PASSWORD },
    top: { id: REGION, name: 'Липецкая область', zone: 'Europe/Moscow' },
  });
  const centre = await signIn('centre');
  for (const lines of lists)
    await insist(url, 'addInstitutions', { region: REGION, lines }, centre, { waitMs: LIST_MS_MAX });
  const procedure = {
    region: REGION,
    kind: 'attendance',
    title: 'Областной мониторинг посещаемости',
    academicYear: 2012,
    deadline: '2099-11-29',
    centre: {
      name: 'ЦМОКО',
      phone: '+7 000 000-00-01',
      email: 'centre@example.org',
      siteUrl: 'https://centre.example.org',
    },
  };
  await insist(url, 'createProcedure', procedure, centre, { waitMs: LIST_MS_MAX });
  return {
    centre,
    signIn,
    async coordinator(role, unit, username) {
      const person = { name: `Тестов ${username}`, username, password: PASSWORD, role, unit };
      await insist(url, 'appoint', person, centre);
      return signIn(username);
    },
  };
}
