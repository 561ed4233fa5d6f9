/** A scanning centre under test: pages that say what is on them are sent, read, and their errors settled. */
import { Readable } from 'node:stream';
import type { PageCode } from '#collector/code.ts';
import type { CollectorFinding } from '#collector/finding.ts';
import type { FieldReading } from '#collector/reading.ts';
import { collectorStream, scanErrorsStream, type StreamId } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import type { ScanErrorsState, ScanErrorView } from '#models/scanning/scan-error.ts';
import type { CollectorState } from '#models/scanning/scan-views.ts';
import { fileOf, type SaidPage } from './collector.testing.ts';
import type { Door } from './door.ts';
import { STUDY } from './federation.testing.ts';
import { until } from './processes.testing.ts';
import type { TestHub } from './testing.ts';

export const CENTRE = 'sc48';
/** A centre in its study, as use cases are told it. */
export const AT_CENTRE = { procedure: STUDY, centre: CENTRE };

/* ---- what pages say ---- */

export const CROP = { x: 1, y: 2, width: 30, height: 40 };
export const code = (participant: number, page = 1, more: Partial<PageCode> = {}): PageCode => ({
  ...{ procedure: 1, institution: 1, holder: { kind: 'participant', number: participant }, form: 1, version: 1, page },
  ...more,
});
/** Null: the reader could not tell. */
export const choice = (key: string, option: string | null): FieldReading => ({
  ...{ kind: 'choice', key, crop: CROP, marks: [] },
  decision:
    option === null
      ? { kind: 'doubtful', options: ['a'], isCorrected: false }
      : { kind: 'one', option, isCorrected: false },
});
export const freeAnswer = (key: string, isBlank = false): FieldReading => ({
  ...{ kind: 'freeAnswer', key, crop: CROP, isBlank, inkShare: isBlank ? 0 : 0.1 },
});
export const ambiguous: CollectorFinding = { code: 'MARK_AMBIGUOUS', data: { field: 'q1', crop: CROP, marks: [] } };
export const unreadable: CollectorFinding = { code: 'CODE_UNREADABLE', data: { crops: [CROP] } };
/** Both pages of a participant, with nothing written by hand. */
export const whole = (participant: number): SaidPage[] => [
  { code: code(participant), fields: [choice('q1', 'a')] },
  { code: code(participant, 2) },
];

/* ---- what is done with them ---- */

/** A file of a batch, whole and at once; the upload. */
export async function sendScan(
  { uploads }: Pick<Door, 'uploads'>,
  person: Person,
  { batch, name, bytes }: { batch: string; name: string; bytes: Uint8Array },
): Promise<string> {
  const { id } = await uploads.begin(person, { purpose: 'scan', target: batch, name, bytes: bytes.length });
  await uploads.append(person, id, 0, Readable.from([bytes]));
  return id;
}

export function createScanDesk(hub: TestHub, { regional, specialist }: { regional: Person; specialist: Person }) {
  const { scanning } = hub.door;
  const snapshot = async <State>(person: Person, name: StreamId): Promise<State> =>
    (await hub.models.live.snapshot({ person, ticket: null }, name)).state as State;
  const board = () => snapshot<CollectorState>(regional, collectorStream(STUDY, CENTRE));
  const errors = () => snapshot<ScanErrorsState>(specialist, scanErrorsStream(STUDY, CENTRE));
  let sent = 0;

  const sendBytes = (person: Person, batch: string, name: string, bytes: Uint8Array): Promise<string> =>
    sendScan(hub.door, person, { batch, name, bytes });

  const claim = async (person: Person, error: string): Promise<number> =>
    (await scanning.claim(person, { ...AT_CENTRE, error }, { deed: 'take' })).token;

  return {
    snapshot,
    board,
    errors,
    claim,
    sendBytes,
    async errorWith(wanted: string): Promise<ScanErrorView> {
      const all = (await errors()).errors;
      const found = all.find(({ finding }) => finding.code === wanted);
      if (!found) throw new Error(`no ${wanted} among ${all.map(({ finding }) => finding.code).join()}`);
      return found;
    },
    async send(person: Person, batch: string, pages: readonly (SaidPage & { salt?: number })[]): Promise<string> {
      const id = await sendBytes(person, batch, `скан ${sent}.pdf`, fileOf(pages));
      sent += 1;
      return id;
    },
    /** Until every file that was sent is read. */
    settled: () =>
      until('every file that was sent is read', async () => {
        const { batches } = await board();
        return batches.reduce((sum, { figures }) => sum + figures.filesRead + figures.filesRefused, 0) === sent;
      }),
    settle: async (person: Person, error: string, settlement: object) =>
      scanning.settle(person, { ...AT_CENTRE, error }, { token: await claim(person, error), settlement }),
    /** A college whose forms are printed and whose package is here, with a batch that is open. */
    async receive(college: string, participants: number, sheets: number): Promise<string> {
      const at = { ...AT_CENTRE, college };
      await scanning.print(regional, at, { rooms: [{ name: 'Каб. 1', participants }], spares: 1 });
      await scanning.acceptPackage(regional, at, { sheets });
      return (await scanning.openBatch(specialist, at)).batch;
    },
  };
}
