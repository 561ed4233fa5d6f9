/** What pages read of a monitoring: the public list, the registration page, the boards. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { Snapshot } from '../journal/journal.ts';
import { boardStream, registrationStream, type BoardStream } from '../journal/stream.ts';
import { isActive, isWithin, pathIds, type Unit } from '../org/unit.ts';
import { type Person } from '../people/person.ts';
import { ANY_PROCEDURE, isAllowed, territories } from '../people/rights.ts';
import { isOpen, type AttendanceProcedure, type PublicProcedure } from '../procedure/procedure.ts';
import type { BoardPart } from './board.ts';
import { listedRows, type BoardListActions } from './board-list.actions.ts';
import type { Place } from './participation.actions.ts';
import {
  participationId,
  participationView,
  registrationView,
  type Access,
  type ParticipationView,
  type RegistrationView,
} from './participation.ts';

/** A registered institution as anyone may see it (S2-24): no personal data. */
export interface Participant {
  institution: string;
  name: string;
  municipality: string;
  registeredAtMs: number;
}

/** A procedure of the territory as one institution stands in it. */
export interface InstitutionProcedure {
  procedure: PublicProcedure;
  /** Null when the institution is not registered. */
  access: Access['status'] | null;
  /** The report that stands. */
  report: { submission: string; atMs: number } | null;
  /** Whether the reader may open the institution's work in it. */
  isOpenToReader: boolean;
}

export interface Board {
  procedure: PublicProcedure;
  /** The territory as it is called on the page, e.g. the region's or the municipality's name. */
  territory: string;
  parts: Snapshot<BoardPart>[];
  /** Whether the person lets institutions in, and sees their files and organizers. */
  canGrant: boolean;
}

export const publicProcedure = ({ rev: _rev, path: _path, ...known }: AttendanceProcedure): PublicProcedure => known;

const startingWith = (path: string) => ({ $gte: path, $lt: `${path}\uffff` });

export function createParticipationQueries(context: Context, boards: BoardListActions) {
  const { journal, units, procedures, participations, boardLists, sha256, now } = context;

  /** Units that have a part of the board: municipalities, and units that institutions stand under directly. */
  async function boardUnitsOf(procedure: AttendanceProcedure): Promise<Unit[]> {
    const lists = await boardLists.list({ procedure: procedure.id });
    const listed = lists.map(({ municipality }) => municipality);
    const isPart = { $or: [{ kind: 'municipality' }, { _id: { $in: listed } }] };
    return units.list({ path: startingWith(procedure.path), ...isPart }, { sort: { order: 1 } });
  }

  /** Parts of the board with their positions: all positions first, then the state. */
  async function boardParts(
    procedure: AttendanceProcedure,
    municipalities: readonly Unit[],
  ): Promise<Snapshot<BoardPart>[]> {
    if (municipalities.length === 0) return [];
    const streams = municipalities.map(({ id }) => boardStream(procedure.id, id));
    await listAll(procedure, municipalities);
    const heads = await journal.heads(streams);
    const [lists, registered] = await Promise.all([
      boardLists.list({ _id: { $in: streams } }),
      participations.list({ procedure: procedure.id, municipality: { $in: municipalities.map(({ id }) => id) } }),
    ]);
    const byId = new Map(lists.map((list) => [list.id, list]));
    return heads
      .flatMap(({ stream, epoch, seq }) => {
        const list = byId.get(stream as BoardStream);
        if (!list) return [];
        const { municipality, name, order, rev } = list;
        const state = { municipality, name, order, listRev: rev, rows: listedRows(list, registered) };
        return [{ stream, position: { epoch, seq }, state }];
      })
      .sort((a, b) => a.state.order - b.state.order);
  }

  /** A board that was never listed gets its list before it is read. */
  async function listAll(procedure: AttendanceProcedure, municipalities: readonly Unit[]): Promise<void> {
    const present = await boardLists.list({ procedure: procedure.id, path: startingWith(procedure.path) });
    const listed = new Set(present.map(({ municipality }) => municipality));
    for (const unit of municipalities) if (!listed.has(unit.id)) await boards.relistOne(procedure.id, unit);
  }

  return {
    procedures: async (): Promise<PublicProcedure[]> =>
      (await procedures.listOf('attendance', {}, { sort: { deadlineMs: -1 } })).map(publicProcedure),

    procedure: async (id: string): Promise<PublicProcedure> =>
      publicProcedure(await procedures.getOf('attendance', id)),

    /** Registered institutions, for everybody (S2-24). */
    async participants(procedureId: string): Promise<Participant[]> {
      const procedure = await procedures.getOf('attendance', procedureId);
      const [registered, all] = await Promise.all([
        participations.list({ procedure: procedure.id }),
        units.list({ path: startingWith(procedure.path) }, { sort: { path: 1 } }),
      ]);
      const byId = new Map(all.map((unit) => [unit.id, unit]));
      return registered
        .map(({ institution, municipality, registeredAtMs }) => ({
          institution,
          name: byId.get(institution)?.name ?? institution,
          municipality: byId.get(municipality)?.name ?? municipality,
          registeredAtMs,
        }))
        .sort(
          (a, b) =>
            a.municipality.localeCompare(b.municipality, 'ru') || a.name.localeCompare(b.name, 'ru', { numeric: true }),
        );
    },

    /** Municipalities with their institutions, to choose from when registering. */
    async choices(
      procedureId: string,
    ): Promise<{ id: string; name: string; institutions: { id: string; name: string; isRegistered: boolean }[] }[]> {
      const procedure = await procedures.getOf('attendance', procedureId);
      const [all, registered] = await Promise.all([
        units.list({ path: startingWith(procedure.path) }, { sort: { order: 1 } }),
        participations.list({ procedure: procedure.id }),
      ]);
      const taken = new Set(registered.map(({ institution }) => institution));
      return all
        .filter((unit) => unit.kind === 'municipality' && isActive(unit))
        .map(({ id, name }) => ({
          id,
          name,
          institutions: all
            .filter((unit) => unit.kind === 'institution' && unit.parent === id && isActive(unit))
            .map((unit) => ({ id: unit.id, name: unit.name, isRegistered: taken.has(unit.id) })),
        }));
    },

    /** What the holder of a ticket sees, with its position. */
    async registration(ticket: string): Promise<Snapshot<RegistrationView>> {
      const byTicket = { ticketHash: sha256(ticket) };
      const [found] = await participations.list(byTicket, { limit: 1 });
      if (!found) throw new HubError('not_found');
      const stream = registrationStream(found.id);
      const [head] = await journal.heads([stream]);
      const [[participation], unit] = await Promise.all([
        participations.list(byTicket, { limit: 1 }),
        units.get(found.institution),
      ]);
      if (!head || !participation) throw new HubError('not_found');
      return {
        stream,
        position: { epoch: head.epoch, seq: head.seq },
        state: registrationView(participation, unit.name),
      };
    },

    /** The board of everything the person may watch in a procedure, or of one unit of it. */
    async board(person: Person, procedureId: string, within: string | null = null): Promise<Board> {
      const procedure = await procedures.getOf('attendance', procedureId);
      const mine = territories(person, 'board.view', procedure.id).filter(
        (path) => isWithin(path, procedure.path) || isWithin(procedure.path, path),
      );
      if (mine.length === 0) throw new HubError('not_allowed');
      const municipalities = (await boardUnitsOf(procedure)).filter(
        ({ id, path }) => mine.some((territory) => isWithin(path, territory)) && (within === null || id === within),
      );
      const tops = await units.list({ _id: { $in: mine.map((path) => pathIds(path).at(-1) ?? '') } });
      return {
        procedure: publicProcedure(procedure),
        territory: tops.map(({ name }) => name).join(', '),
        parts: await boardParts(procedure, municipalities),
        canGrant: isAllowed(person, 'access.grant', procedure.path, procedure.id),
      };
    },

    /** An institution's participation with its organizer: for the centre and for the institution itself (S2-04). */
    async participation(person: Person, place: Place): Promise<ParticipationView | null> {
      const unit = await units.find(place.institution);
      if (!unit || !isAllowed(person, 'submission.view', unit.path, place.procedure)) throw new HubError('not_allowed');
      const found = await participations.find(participationId(place.procedure, place.institution));
      return found && participationView(found);
    },

    /** One municipality's part, for a reader that needs it anew. */
    async boardPart(person: Person, procedureId: string, municipalityId: string): Promise<Snapshot<BoardPart>> {
      const [procedure, municipality] = await Promise.all([
        procedures.getOf('attendance', procedureId),
        units.get(municipalityId),
      ]);
      if (
        !isAllowed(person, 'board.view', municipality.path, procedure.id) ||
        !isWithin(municipality.path, procedure.path)
      )
        throw new HubError('not_allowed');
      const [part] = await boardParts(procedure, [municipality]);
      if (!part) throw new HubError('not_found');
      return part;
    },

    /** Procedures of an institution's territory: what is open now, soonest first; what is finished, latest first (S0-18). */
    async ofInstitution(
      person: Person,
      institution: string,
    ): Promise<{ current: InstitutionProcedure[]; past: InstitutionProcedure[] }> {
      const unit = await units.find(institution);
      if (!unit || !isAllowed(person, 'contextual.view', unit.path)) throw new HubError('not_allowed');
      const [found, taken] = await Promise.all([
        procedures.listOf('attendance', { region: { $in: pathIds(unit.path) } }, { sort: { deadlineMs: 1 } }),
        participations.list({ institution }),
      ]);
      const byProcedure = new Map(taken.map((participation) => [participation.procedure, participation]));
      const nowMs = now();
      const shown = (procedure: AttendanceProcedure): InstitutionProcedure => {
        const participation = byProcedure.get(procedure.id);
        const { standing = null, reportAtMs = null } = participation?.progress ?? {};
        return {
          procedure: publicProcedure(procedure),
          access: participation?.access.status ?? null,
          report: standing !== null && reportAtMs !== null ? { submission: standing, atMs: reportAtMs } : null,
          isOpenToReader: participation !== undefined && isAllowed(person, 'submission.view', unit.path, procedure.id),
        };
      };
      return {
        current: found.filter((procedure) => isOpen(procedure, nowMs)).map(shown),
        past: found
          .filter((procedure) => !isOpen(procedure, nowMs))
          .toReversed()
          .map(shown),
      };
    },

    /** The procedures in which an institution of the person takes part, with the institution. */
    async cabinets(
      person: Person,
    ): Promise<{ procedure: PublicProcedure; institution: string; institutionName: string }[]> {
      const paths = territories(person, 'submission.send', ANY_PROCEDURE);
      if (paths.length === 0) return [];
      const mine = (await participations.list({ path: { $in: paths } })).filter(({ path, procedure }) =>
        isAllowed(person, 'submission.send', path, procedure),
      );
      return Promise.all(
        mine.map(async ({ procedure, institution }) => ({
          procedure: publicProcedure(await procedures.getOf('attendance', procedure)),
          institution,
          institutionName: (await units.get(institution)).name,
        })),
      );
    },
  };
}

export type ParticipationQueries = ReturnType<typeof createParticipationQueries>;
