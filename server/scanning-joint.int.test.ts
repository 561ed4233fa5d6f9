/** Decisions about many errors at once, on two nodes over one store: each is whole, claims of others are respected, and a node that dies leaves nothing half. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CollectorFinding } from '#collector/finding.ts';
import { scanErrorsStream } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import { JOINT_LEASE_MS, JOINT_PER_TRANSACTION } from '#models/scanning/joint-settlement.ts';
import { applyErrorFact, sameErrors, type ScanErrorFact, type ScanErrorsState } from '#models/scanning/scan-error.ts';
import { createCollectorStandIn } from './collector.testing.ts';
import { openStudy, publishSample, REGION, setUpFederation, STUDY } from './federation.testing.ts';
import type { RunningHub } from './hub.ts';
import { AT_CENTRE, CENTRE, choice, code, createScanDesk } from './scanning.testing.ts';
import { startSecondNode, startTestHub, type TestHub } from './testing.ts';

const COLLEGE = 'c48-1';
/** More than one transaction takes. */
const PAGES = JOINT_PER_TRANSACTION + 20;

let hub: TestHub;
let second: RunningHub;
let regional: Person;
let ivanov: Person;
let petrova: Person;
let batch = '';
let desk: ReturnType<typeof createScanDesk>;

beforeAll(async () => {
  const additions = { collector: createCollectorStandIn() };
  hub = await startTestHub({}, additions);
  const { appoint } = await setUpFederation(hub, { colleges: [COLLEGE], points: [CENTRE] });
  const federal = await appoint('federalCoordinator', 'fed');
  regional = await appoint('regionalCoordinator', REGION);
  await hub.door.scanningCentres.choose(regional, REGION, { unit: CENTRE, sort: 'other', rev: 0 });
  ivanov = await appoint('scanningSpecialist', CENTRE, 'ivanov');
  petrova = await appoint('scanningSpecialist', CENTRE, 'petrova');
  await openStudy(hub, federal);
  await publishSample(hub, { federal, regional }, { colleges: [COLLEGE] });
  second = await startSecondNode(hub, additions);
  desk = createScanDesk(hub, { regional, specialist: ivanov });
  const at = { ...AT_CENTRE, college: COLLEGE };
  const rooms = [0, 1, 2, 3].map((n) => ({ name: `Каб. ${n}`, participants: 25 }));
  await hub.door.scanning.print(regional, at, { rooms, spares: 0 });
  await hub.door.scanning.acceptPackage(regional, at, { sheets: PAGES });
  ({ batch } = await hub.door.scanning.openBatch(ivanov, at));
  const old: CollectorFinding = { code: 'FORM_VERSION_OLD', data: { form: 1, version: 1, newest: 2 } };
  const pages = Array.from({ length: PAGES }, (_, n) => ({
    ...{ code: code(n + 1), fields: [choice('q1', 'a')], findings: [old] },
  }));
  await desk.send(ivanov, batch, pages);
  await desk.settled();
}, 120_000);
afterAll(() => hub.stop());

const wish = (settlement: object) => ({
  ...{ batch, code: 'FORM_VERSION_OLD', untilMs: hub.clock.nowMs, settlement },
});
const acceptNow = () => wish({ way: 'acceptWithReason', reason: 'Печать прошлого года' });
const open = async () => (await desk.errors()).errors.filter(({ status }) => status === 'open');
const figures = async () => (await desk.board()).batches[0]?.figures;
const entries = async (kind: string) =>
  (await hub.door.deeds.page(regional, { unit: REGION, kind })).entries.map(({ actor, differences }) => [
    actor,
    differences.find(({ field }) => field === 'count')?.after,
  ]);

describe('one decision about many errors', () => {
  let joint = '';

  it('[S1-12] settles all of them as one deed, leaves what another is on, and says which and why', async () => {
    const before = await hub.models.live.snapshot({ person: ivanov, ticket: null }, scanErrorsStream(STUDY, CENTRE));
    // What a snapshot does not hold is asked for behind what is known, by filter; how many there are the rows tell.
    const [held, ...others] = await open();
    const last = others.at(-11);
    const asked = { status: 'open', college: COLLEGE, batch: null, code: 'FORM_VERSION_OLD' };
    const behind = await hub.door.scanning.errorsBehind(ivanov, STUDY, CENTRE, {
      ...{ ...asked, after: last && [last.raisedAtMs, last.id] },
    });
    expect(behind.errors).toEqual(others.slice(-10));
    expect((await desk.board()).colleges[0]?.open).toEqual({ FORM_VERSION_OLD: PAGES });
    expect(sameErrors((await desk.board()).batches)).toEqual([{ batch, code: 'FORM_VERSION_OLD', count: PAGES }]);
    await second.door.scanning.claim(petrova, { ...AT_CENTRE, error: held?.id ?? '' }, { deed: 'take' });
    await expect(hub.door.scanning.settleTogether(regional, AT_CENTRE, acceptNow())).rejects.toMatchObject({
      code: 'not_allowed',
    });
    await expect(
      hub.door.scanning.settleTogether(ivanov, AT_CENTRE, wish({ way: 'rotate', rotate: 1 })),
    ).rejects.toThrow();
    // What came after the list was looked at is not decided.
    const earlier = { ...acceptNow(), untilMs: hub.clock.nowMs - 1 };
    expect(await hub.door.scanning.settleTogether(ivanov, AT_CENTRE, earlier)).toMatchObject({ settled: 0 });
    const outcome = await hub.door.scanning.settleTogether(ivanov, AT_CENTRE, acceptNow());
    expect(outcome).toMatchObject({ settled: PAGES - 1, isOver: true });
    expect(outcome.passed).toMatchObject([{ error: held?.id, code: 'claim_held', params: { by: petrova.name } }]);
    ({ joint } = outcome);
    expect((await desk.board()).colleges[0]?.open).toEqual({ FORM_VERSION_OLD: 1 });
    expect(sameErrors((await desk.board()).batches)).toEqual([]);
    expect((await open()).map(({ id }) => id)).toEqual([held?.id]);
    expect(await figures()).toMatchObject({ errorsOpen: 1, errorsSettled: PAGES - 1 });
    expect(await entries('scanErrors.settled')).toEqual([[ivanov.id, PAGES - 1]]);
    const events = await hub.models.journal.read(before.stream, before.position.seq, 1_000);
    const applied = (events as unknown as ScanErrorFact[]).reduce(applyErrorFact, before.state as ScanErrorsState);
    expect(applied).toEqual(await desk.errors());
  });

  it('[S1-12] each error’s life tells of it; it is taken back as one, by who decided and only what stands as he left it', async () => {
    const [first] = (await hub.door.scanning.contents(ivanov, STUDY, CENTRE, batch)).state.pages.slice(1);
    const error = `${first?.id}.FORM_VERSION_OLD`;
    const { steps } = await hub.door.scanning.errorLife(ivanov, STUDY, CENTRE, error);
    expect(steps.at(-1)).toMatchObject({
      ...{ did: 'settled', byName: ivanov.name, way: 'acceptWithReason', said: 'Печать прошлого года' },
    });
    await expect(hub.door.scanning.takeBackTogether(petrova, AT_CENTRE, { joint })).rejects.toMatchObject({
      code: 'settlement_over',
    });
    // One was taken back by itself before: it stays as it is.
    await hub.door.scanning.takeBack(ivanov, { ...AT_CENTRE, error });
    const back = await hub.door.scanning.takeBackTogether(ivanov, AT_CENTRE, { joint });
    expect(back).toMatchObject({ settled: PAGES - 2, passed: [{ error, code: 'settlement_over' }], isOver: true });
    expect(await open()).toHaveLength(PAGES);
    expect(await figures()).toMatchObject({ errorsOpen: PAGES, errorsSettled: 0 });
    expect(await entries('scanErrors.takenBack')).toEqual([[ivanov.id, PAGES - 1]]);
  });

  it('[S1-12] [P-2] a node that dies in the midst leaves nothing half, and another ends what it began', async () => {
    const { journal } = second.models;
    const record = journal.record.bind(journal);
    let recorded = 0;
    // The decision and the first transaction are kept; the next one breaks off behind its last write, and so does whatever follows.
    journal.record = (deed, facts, save) =>
      record(deed, facts, async (session) => {
        await save(session);
        if ((recorded += 1) > 2) throw new Error('the node is gone');
      });
    await expect(second.door.scanning.settleTogether(petrova, AT_CENTRE, acceptNow())).rejects.toThrow('gone');
    expect(await open()).toHaveLength(PAGES - JOINT_PER_TRANSACTION);
    expect(await figures()).toMatchObject({ errorsSettled: JOINT_PER_TRANSACTION });
    expect(await hub.door.scanning.goOnTogether('early', () => false)).toBe(false);
    await second.stop();
    hub.clock.nowMs += JOINT_LEASE_MS;
    await expect.poll(open, { timeout: 20_000 }).toEqual([]);
    expect(await figures()).toMatchObject({ errorsOpen: 0, errorsSettled: PAGES });
    expect((await entries('scanErrors.settled')).sort()).toEqual(
      [
        [petrova.id, PAGES],
        [ivanov.id, PAGES - 1],
      ].sort(),
    );
  });
});
