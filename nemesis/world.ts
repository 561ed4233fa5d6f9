/**
 * The world of a run. Whose a thing is can be read from its name: institution 3 of municipality 2 is `q2x3`, and its
 * organizer is called `Pq2x3`. So the oracle of territories needs to ask nobody.
 */
export const REGION = '48';
export const MUNICIPALITIES = 4;
export const INSTITUTIONS_PER_MUNICIPALITY = 24;
export const PROCEDURE = `attendance-${REGION}-2012`;
export const PASSWORD = 'long enough phrase';

export interface InstitutionPlace {
  municipality: number;
  institution: number;
}

/** Who a viewer is, by construction. `centre` works at the scanning centre or watches it, `college` is one whose forms are scanned there. */
export type Home =
  | { role: 'centre' }
  | { role: 'college'; college: string }
  | { role: 'region' }
  | { role: 'municipality'; municipality: number }
  | ({ role: 'institution' } & InstitutionPlace)
  | ({ role: 'ticket' } & InstitutionPlace);

export const municipalityId = (municipality: number): string => `${REGION}-m${municipality}`;
export const institutionId = ({ municipality, institution }: InstitutionPlace): string =>
  `q${municipality}x${institution}`;

export const PLACES: readonly InstitutionPlace[] = Array.from(
  { length: MUNICIPALITIES * INSTITUTIONS_PER_MUNICIPALITY },
  (_, index) => ({ municipality: (index % MUNICIPALITIES) + 1, institution: Math.floor(index / MUNICIPALITIES) + 1 }),
);

export const boardOf = (municipality: number): string => `board:${PROCEDURE}:${municipalityId(municipality)}`;
/** What the region adds up to. */
export const ROLLUP = `rollup:${PROCEDURE}:${REGION}`;
export const cabinetOf = (place: InstitutionPlace): string => `cabinet:${PROCEDURE}:${institutionId(place)}`;
export const registrationOf = (place: InstitutionPlace): string => `registration:${PROCEDURE}/${institutionId(place)}`;

/** The list of institutions as the administrator pastes it; the municipalities get their numbers by the order of the lines. */
export const institutionLines = (): string =>
  [...PLACES]
    .sort((one, other) => one.municipality - other.municipality || one.institution - other.institution)
    .map((place) => `Округ № ${place.municipality};${institutionId(place)};Школа ${institutionId(place)}`)
    .join('\n');

/** Personal data that only the institution and its region may see. */
export const organizerOf = (place: InstitutionPlace) => ({
  surname: `P${institutionId(place)}`,
  firstName: 'Тест',
  patronymic: 'Тестовна',
  position: 'Заместитель директора',
  phone: '+7 000 000-00-02',
  email: 'user02@example.org',
});

/* ---- the Collector: a federation of its own beside the region ---- */

export const SCAN_CENTRE = 'sc48';
export const SCAN_COLLEGES: readonly string[] = ['c48-1', 'c48-2'];
export const SCAN_REGIONAL = 'scan.regional';
export const SCAN_SPECIALISTS: readonly string[] = ['scanner.1', 'scanner.2', 'scanner.3'];
export const collegeAccount = (college: string): string => `own.${college}`;
/** As he is called, and as everybody is told who settled an error. */
export const specialistName = (username: string): string => `Тестов ${username}`;
