/** Use cases of the scanning centre of a region: naming it, checking what is required, confirming that it is there (S1-03). */
import type { Context } from '../context.ts';
import { differencesOf, type DeedKind } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { scanningCentreStream } from '../journal/stream.ts';
import { isActive, isWithin, type Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import {
  centreState,
  check,
  checkSchema,
  choiceSchema,
  choose,
  confirm,
  type Said,
  type ScanningCentre,
} from './scanning-centre.ts';

export function createScanningCentreActions(context: Context) {
  const { journal, units, scanningCentres, assignments, now, newId } = context;

  async function demandRegion(person: Person, region: string): Promise<Unit> {
    const unit = await units.find(region);
    if (unit?.kind !== 'region' || !isAllowed(person, 'scanning.set', unit.path)) throw new HubError('not_allowed');
    return unit;
  }

  async function record(
    person: Person,
    kind: DeedKind,
    region: Unit,
    [before, after]: [ScanningCentre | null, ScanningCentre],
    requirement?: string,
  ): Promise<void> {
    const told = (one: ScanningCentre | null) => one && { unit: one.unitName, status: centreState(one) };
    const note: Deed['note'] = {
      ...{ kind, path: region.path, subject: region.id, subjectName: region.name },
      differences: [
        ...differencesOf(told(before), told(after)),
        ...(requirement === undefined ? [] : differencesOf(null, { requirement })),
      ],
    };
    const fact: Fact = {
      ...{ stream: scanningCentreStream(region.id), type: 'scanningCentreChanged', entity: after.id, rev: after.rev },
      body: { centre: after },
    };
    await journal.record({ actor: person.id, atMs: now(), commandId: newId(), note }, [fact], (session) =>
      scanningCentres.save(after, session),
    );
  }

  async function get(region: string): Promise<ScanningCentre> {
    const found = await scanningCentres.find(region);
    if (!found) throw new HubError('scanning_unnamed');
    return found;
  }
  const saidBy = ({ name }: Person): Said => ({ byName: name, atMs: now() });

  return {
    /** Names the point that scans for a region. Errors: HubError `not_allowed`, `stale_write`, `bad_input` for a unit that is no scanning point of it. */
    async choose(person: Person, regionId: string, input: unknown): Promise<void> {
      const region = await demandRegion(person, regionId);
      const { unit: id, sort, rev: knownRev } = choiceSchema.parse(input);
      const unit = await units.find(id);
      if (unit?.kind !== 'scanningCentre' || !isWithin(unit.path, region.path))
        throw new HubError('bad_input', { field: 'unit', reason: 'kind' });
      if (!isActive(unit)) throw new HubError('unit_inactive', { name: unit.name });
      const present = await scanningCentres.find(region.id);
      const place = { region: region.id, unit: unit.id, unitName: unit.name, sort, knownRev };
      const chosen = choose(present, place, saidBy(person));
      if (chosen) await record(person, 'scanning.chosen', region, [present, chosen]);
    },

    /** Says of one requirement that it is met, or is not. Errors: HubError `not_allowed`, `scanning_unnamed`, `scanning_specialist_absent`, `stale_write`. */
    check: (person: Person, regionId: string, input: unknown): Promise<void> =>
      retryStale(async () => {
        const region = await demandRegion(person, regionId);
        const look = checkSchema.parse(input);
        const present = await get(region.id);
        const specialists = await assignments.held({ unit: present.unit, role: 'scanningSpecialist' }, now());
        const looked = check(present, look, { specialists: specialists.length, said: saidBy(person) });
        if (looked) await record(person, 'scanning.checked', region, [present, looked], look.requirement);
      }),

    /** Confirms that everything that is required is there. Errors: HubError `not_allowed`, `scanning_unnamed`, `scanning_unmet`, `stale_write`. */
    confirm: (person: Person, regionId: string, unit: string): Promise<void> =>
      retryStale(async () => {
        const region = await demandRegion(person, regionId);
        const present = await get(region.id);
        const fit = confirm(present, unit, saidBy(person));
        if (fit) await record(person, 'scanning.confirmed', region, [present, fit]);
      }),
  };
}
