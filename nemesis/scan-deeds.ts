/** What a node of a run offers of the Collector: a scanning centre with what is printed there, and the settling of errors. */
import { z } from 'zod';
import type { Person } from '#models/people/person.ts';
import type { Door } from '#server/door.ts';
import { openStudy, publishSample, REGION, setUpFederation, STUDY } from '#server/federation.testing.ts';
import { personOf } from '#server/newcomer.ts';
import type { Caller, Deed } from './deeds.ts';
import { collegeAccount, PASSWORD, SCAN_CENTRE, SCAN_COLLEGES, SCAN_REGIONAL, SCAN_SPECIALISTS } from './world.ts';

const AT = { procedure: STUDY, centre: SCAN_CENTRE };

const errorSchema = z.strictObject({ error: z.string() });
const settleSchema = errorSchema.extend({ token: z.number().int(), settlement: z.record(z.string(), z.unknown()) });

function signedIn({ person }: Caller): Person {
  if (!person) throw new Error('nobody is signed in');
  return person;
}

/** A federation beside the region of the run, as far as sampled colleges whose forms are printed and whose packages are accepted. */
async function foundCentre(door: Door, rooms: readonly number[]) {
  const participants = rooms.reduce((sum, seats) => sum + seats, 0);
  const hub = { door, person: (username: string) => personOf(door, { username, password: PASSWORD }) };
  const { appoint } = await setUpFederation(hub, { colleges: SCAN_COLLEGES, points: [SCAN_CENTRE] });
  const federal = await appoint('federalCoordinator', 'fed');
  const regional = await appoint('regionalCoordinator', REGION, SCAN_REGIONAL);
  await door.scanningCentres.choose(regional, REGION, { unit: SCAN_CENTRE, sort: 'other', rev: 0 });
  const specialists: Person[] = [];
  for (const username of SCAN_SPECIALISTS) specialists.push(await appoint('scanningSpecialist', SCAN_CENTRE, username));
  for (const college of SCAN_COLLEGES) await appoint('institutionCoordinator', college, collegeAccount(college));
  await openStudy(hub, federal, { deadline: '2099-10-15' });
  await publishSample(hub, { federal, regional }, { colleges: SCAN_COLLEGES, students: participants });
  const batches: { college: string; batch: string; run: string; institution: number }[] = [];
  for (const college of SCAN_COLLEGES) {
    const at = { ...AT, college };
    const named = rooms.map((seats, index) => ({ name: `Каб. ${index + 1}`, participants: seats }));
    const { run } = await door.scanning.print(regional, at, { rooms: named, spares: 0 });
    await door.scanning.acceptPackage(regional, at, { sheets: 2 * rooms.length + participants });
    const [specialist] = specialists;
    if (!specialist) throw new Error('no specialist');
    const { batch } = await door.scanning.openBatch(specialist, at);
    const { colleges } = (await door.scanning.board(regional, STUDY, SCAN_CENTRE)).state;
    batches.push({ college, batch, run, institution: colleges.find((row) => row.college === college)?.number ?? 0 });
  }
  return batches;
}

export const SCAN_DEEDS: Record<string, Deed> = {
  foundCentre: (door, _caller, { rooms }) => foundCentre(door, z.array(z.number()).parse(rooms)),
  /** What was printed, as base64; null while it is not written yet. */
  async printed(door, caller, { run }) {
    const { prints } = (await door.scanning.board(signedIn(caller), STUDY, SCAN_CENTRE)).state;
    if (prints.find(({ id }) => id === run)?.status !== 'ready') return null;
    const pieces: Uint8Array[] = [];
    const { content } = await door.scanning.printFile(signedIn(caller), STUDY, SCAN_CENTRE, String(run));
    for await (const piece of content) pieces.push(piece);
    return Buffer.concat(pieces).toString('base64');
  },
  openScanErrors: async (door, caller) => (await door.scanning.errors(signedIn(caller), STUDY, SCAN_CENTRE)).state,
  takeScanError: async (door, caller, input) =>
    (await door.scanning.claim(signedIn(caller), { ...AT, ...errorSchema.parse(input) }, { deed: 'take' })).token,
  settleScanError(door, caller, input) {
    const { error, token, settlement } = settleSchema.parse(input);
    return door.scanning.settle(signedIn(caller), { ...AT, error }, { token, settlement });
  },
};
