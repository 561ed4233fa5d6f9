/** A purpose for tests: whoever holds anything but for a procedure alone over a unit sends files for it; what was received is remembered. */
import { HubError } from '#models/error.ts';
import type { Person } from '#models/people/person.ts';
import type { UploadPurpose } from '#models/upload/upload.purpose.ts';
import type { UploadOf, UploadOutcome } from '#models/upload/upload.ts';

export const TEST_BYTES_MAX = 20 * 2 ** 20;

export interface TestPurpose extends UploadPurpose {
  taken: UploadOf<'stored'>[];
  /** What happens before a file is taken. */
  before: { take: (upload: UploadOf<'stored'>) => Promise<void> };
  /** What becomes of a file that was taken. */
  after: { read: (upload: UploadOf<'stored'>) => UploadOutcome };
}

export function testPurpose(): TestPurpose {
  const taken: UploadOf<'stored'>[] = [];
  const before = { take: (_upload: UploadOf<'stored'>): Promise<void> => Promise.resolve() };
  const after = { read: (_upload: UploadOf<'stored'>): UploadOutcome => ({ status: 'read', pages: 1, errors: 0 }) };
  const held = (person: Person, target: string) => {
    const found = person.assignments.find(
      ({ unit, procedure }) => !procedure && (unit === target || target.startsWith(`${unit}-`)),
    );
    if (!found) throw new HubError('not_allowed');
    return found;
  };
  return {
    taken,
    before,
    after,
    authorize: (person, target) => new Promise((resolve) => resolve({ path: held(person, target).path })),
    authorizeSender: (person, target) =>
      new Promise((resolve) => {
        held(person, target);
        resolve();
      }),
    authorizeView: (person, target) =>
      new Promise((resolve) => {
        held(person, target);
        resolve();
      }),
    limits: { bytesMax: TEST_BYTES_MAX },
    accepts(name) {
      if (name.endsWith('.exe')) throw new HubError('file_kind_refused');
    },
    async received(upload) {
      await before.take(upload);
      taken.push(upload);
    },
    outcome: (upload) => Promise.resolve(after.read(upload)),
  };
}
