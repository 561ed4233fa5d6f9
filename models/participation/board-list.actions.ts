/**
 * The lists of the boards follow the tree of units. The tree does not know of boards: whoever changes it asks for new lists by
 * the path of what changed, and a sweep finds what was left. A list changes together with its stream and its counters, which
 * are counted anew in the same transaction: whatever happened to the tree, `all` and the rest are true afterwards.
 */
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import type { Fact } from '../journal/journal.ts';
import { boardStream, registrationStream, type BoardStream } from '../journal/stream.ts';
import { isActive, isWithin, type Unit } from '../org/unit.ts';
import { headCounts } from './board.ts';
import type { BoardList } from './board-list.store.ts';
import { boardRow, registrationView, type Participation } from './participation.ts';

const startingWith = (path: string) => ({ $gte: path, $lt: `${path}\uffff` });

/** The rows of a list, with what is known of its institutions. */
export function listedRows(list: BoardList, participations: readonly Participation[]) {
  const byInstitution = new Map(participations.map((participation) => [participation.institution, participation]));
  return list.institutions.map((institution) => boardRow(institution, byInstitution.get(institution.id) ?? null));
}

export function createBoardListActions(context: Context) {
  const { journal, units, procedures, participations, boardLists, now, newId } = context;
  /** Whom this node has seen on which list: thousands register in an hour, and each list is long. */
  const listed = new Map<BoardStream, ReadonlySet<string>>();

  /** What the list should be now: the institutions under the unit, and those that take part from there whatever became of them. */
  async function wantedList(procedure: string, unit: Unit) {
    const [children, registered] = await Promise.all([
      units.list({ parent: unit.id, kind: 'institution' }),
      participations.list({ procedure, municipality: unit.id }),
    ]);
    // What has ended stands on a board only by what it did there.
    const under = children.filter(
      (one) => isActive(one) || registered.some(({ institution }) => institution === one.id),
    );
    const missing = registered.filter(({ institution }) => !under.some(({ id }) => id === institution));
    const others =
      missing.length === 0 ? [] : await units.list({ _id: { $in: missing.map(({ institution }) => institution) } });
    const institutions = [...under, ...others]
      .map(({ id, name, order }) => ({ id, name, order }))
      .sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
    return { institutions, registered };
  }

  /** Brings one list up to date; nothing happens when it is. */
  async function relistOne(procedureId: string, unit: Unit): Promise<void> {
    const stream = boardStream(procedureId, unit.id);
    listed.delete(stream);
    await retryStale(async () => {
      const present = await boardLists.find(stream);
      const { institutions, registered } = await wantedList(procedureId, unit);
      if (!present && institutions.length === 0 && unit.kind !== 'municipality') return;
      const list: BoardList = {
        id: stream,
        rev: (present?.rev ?? 0) + 1,
        procedure: procedureId,
        municipality: unit.id,
        path: unit.path,
        name: unit.name,
        order: unit.order,
        institutions,
      };
      if (present && isSameList(present, list)) return;
      const known = new Set(present?.institutions.map(({ id }) => id));
      // Whoever comes from elsewhere brings what he did there.
      const newcomers = registered.filter(({ institution }) => !known.has(institution));
      const renamed = registered.filter(({ institution }) => {
        const [was, is] = [present, list].map((one) => one?.institutions.find(({ id }) => id === institution)?.name);
        return was !== undefined && was !== is;
      });
      const { rev, name, order } = list;
      const facts: Fact[] = [
        { stream, type: 'listChanged', entity: unit.id, rev, body: { list: { rev, name, order, institutions } } },
        ...newcomers.map((participation) => {
          const institution = institutions.find(({ id }) => id === participation.institution);
          return {
            stream,
            type: 'rowChanged',
            entity: participation.id,
            rev: participation.rev,
            body: {
              row: boardRow(institution ?? { id: participation.institution, name: '', order: 0 }, participation),
            },
          };
        }),
      ];
      // Its page shows the institution's name too, whoever waits there for his access.
      for (const participation of renamed) {
        const named = institutions.find(({ id }) => id === participation.institution)?.name ?? '';
        facts.push({
          stream: registrationStream(participation.id),
          type: 'registrationChanged',
          entity: participation.id,
          rev: participation.rev,
          body: { registration: registrationView(participation, named) },
        });
      }
      await journal.recordAlone(
        { actor: 'hub', atMs: now(), commandId: newId(), note: null },
        facts,
        async (session) => {
          await boardLists.save(list, session);
          // The head is held: nobody else changes a row of this board until the commit.
          const rows = listedRows(
            list,
            await participations.list({ procedure: procedureId, municipality: unit.id }, { session }),
          );
          await journal.setCounters(stream, headCounts(rows), session);
        },
      );
    });
  }

  /** Units that have a board: municipalities, and whatever else institutions stand directly under. */
  async function boardUnits(path: string): Promise<Unit[]> {
    return units.list({ path: startingWith(path), kind: { $in: ['municipality', 'region'] } }, { sort: { path: 1 } });
  }

  return {
    /** Brings the lists of all boards up to date that lie under a path, or around it: after a change of the tree there. */
    async relist(path: string): Promise<void> {
      const concerned = (await procedures.listOf('attendance', {})).filter(
        (procedure) => isWithin(path, procedure.path) || isWithin(procedure.path, path),
      );
      for (const procedure of concerned) {
        const within = isWithin(path, procedure.path) ? path : procedure.path;
        const above = await units.list({
          kind: { $in: ['municipality', 'region'] },
          path: { $in: pathsAbove(within) },
        });
        const touched = new Map([...above, ...(await boardUnits(within))].map((unit) => [unit.id, unit]));
        for (const unit of touched.values())
          if (isWithin(unit.path, procedure.path)) await relistOne(procedure.id, unit);
      }
    },

    /** The same everywhere: finds what nobody asked for. */
    async relistAll(): Promise<void> {
      for (const procedure of await procedures.listOf('attendance', {}))
        for (const unit of await boardUnits(procedure.path)) await relistOne(procedure.id, unit);
    },

    relistOne,

    /** An institution registers: if the list of its board does not know it yet, it does afterwards. */
    async ensureListed(procedureId: string, unitId: string, institution: string): Promise<void> {
      const stream = boardStream(procedureId, unitId);
      // Whoever leaves a list by another node's doing stands on another one from then on: what was read before does no harm.
      if (listed.get(stream)?.has(institution)) return;
      const list = await boardLists.find(stream);
      listed.set(stream, new Set(list?.institutions.map(({ id }) => id)));
      if (listed.get(stream)?.has(institution)) return;
      await relistOne(procedureId, await units.get(unitId));
    },
  };
}

export type BoardListActions = ReturnType<typeof createBoardListActions>;

const pathsAbove = (path: string): string[] => {
  const ids = path.split('/').filter(Boolean);
  return ids.map((_, index) => `/${ids.slice(0, index + 1).join('/')}/`);
};

function isSameList(a: BoardList, b: BoardList): boolean {
  return (
    a.name === b.name &&
    a.order === b.order &&
    a.path === b.path &&
    a.institutions.length === b.institutions.length &&
    a.institutions.every((one, index) => {
      const other = b.institutions[index];
      return other?.id === one.id && other.name === one.name && other.order === one.order;
    })
  );
}
