/** What pages read of appointments: «Люди» of a territory, one's own, and what an invitation opens. */
import type { Context } from '../context.ts';
import { CABINET_KINDS } from '../contextual-data/contextual-data.ts';
import { HubError } from '../error.ts';
import { positionsOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { appointmentsStream } from '../journal/stream.ts';
import type { Unit, UnitKind } from '../org/unit.ts';
import { startingWith } from '../org/unit.store.ts';
import { zoneAt } from '../org/unit.zone.ts';
import { partsOf } from './appointment.facts.ts';
import {
  APPOINTING,
  appointableBy,
  appointmentsOf,
  appointmentView,
  demandOpen,
  ENDED_SHOWN_MAX,
  plainCode,
  powerOver,
  PRESENT_SHOWN_MAX,
  type Appointment,
  type AppointmentsPart,
  type AppointmentView,
} from './appointment.ts';
import type { Person } from './person.ts';
import { isAllowed, territories, type Role } from './rights.ts';

/** Units whose appointments one page follows: each of them is a stream. */
export const PARTS_MAX = 150;
/** Units that one search for a place shows. */
export const PLACES_SHOWN_MAX = 20;

export interface PeopleOverview {
  territory: string;
  zone: string;
  parts: Snapshot<AppointmentsPart>[];
  /** How the unit of each part is called. */
  names: Record<string, string>;
  /** Units of the territory beyond those that one page follows. */
  left: number;
  /** The territory that is looked into, where it is a part of one's own. */
  within: { id: string; name: string } | null;
}

/** A role that the reader may appoint to, and where it is held. */
export interface Appointable {
  role: Role;
  kinds: readonly UnitKind[];
}

export interface PlaceHit {
  id: string;
  name: string;
  parentName: string;
}

/** What the holder of an invitation is told before he takes it. */
export interface InvitationView {
  name: string;
  role: Role;
  unitName: string;
  procedureTitle: string | null;
  madeBy: string;
  from: string;
  to: string | null;
  zone: string;
  expiresAtMs: number;
}

const simple = (text: string): string => text.toLocaleLowerCase('ru').replaceAll('ё', 'е');

export function createAppointmentQueries(context: Context) {
  const { journal, units, procedures, assignments, sha256, now } = context;

  async function titlesOf(appointments: readonly Appointment[]): Promise<Map<string, string>> {
    const ids = [...new Set(appointments.flatMap(({ procedure }) => procedure ?? []))];
    const found = ids.length === 0 ? [] : await procedures.list({ _id: { $in: ids } });
    return new Map(found.map(({ id, title }) => [id, title]));
  }

  /** Parts with their positions: all positions first, then the state. */
  async function parts(tops: readonly Unit[]): Promise<Snapshot<AppointmentsPart>[]> {
    if (tops.length === 0) return [];
    const positionIn = await positionsOf(
      journal,
      tops.map(({ id }) => appointmentsStream(id)),
    );
    const under = await units.list({ parent: { $in: tops.map(({ id }) => id) }, kind: { $in: CABINET_KINDS } });
    const named = new Map([...tops, ...under].map((unit) => [unit.id, unit]));
    const of = { unit: { $in: [...named.keys()] } };
    const latest = { sort: { madeAtMs: -1 as const } };
    const kept = [
      ...(await assignments.list(
        { ...of, status: { $ne: 'ended' } },
        { ...latest, limit: PRESENT_SHOWN_MAX * tops.length },
      )),
      ...(await assignments.list({ ...of, status: 'ended' }, { ...latest, limit: ENDED_SHOWN_MAX * tops.length })),
    ];
    const titles = await titlesOf(kept);
    // One that ended between the two readings stands in both: the later state counts.
    const rows = [...new Map(kept.map((one) => [one.id, one])).values()].map((one) =>
      appointmentView(one, {
        unitName: named.get(one.unit)?.name ?? one.unit,
        procedureTitle: one.procedure === null ? null : (titles.get(one.procedure) ?? one.procedure),
      }),
    );
    return tops.map((top) => {
      const stream = appointmentsStream(top.id);
      // As the facts are told (`partsOf`): a municipality under a region has a part of its own.
      const isIn = ({ unit }: AppointmentView): boolean => {
        const at = named.get(unit);
        return at !== undefined && partsOf(at).includes(top.id);
      };
      return {
        stream,
        position: positionIn(stream),
        state: appointmentsOf(top.id, rows.filter(isIn)),
      };
    });
  }

  async function byCode(code: string): Promise<{ appointment: Appointment; hash: string }> {
    const hash = sha256(plainCode(code.slice(0, 100)));
    const [appointment] = await assignments.list({ 'invitations.hash': hash }, { limit: 1 });
    if (!appointment) throw new HubError('not_found');
    return { appointment, hash };
  }

  return {
    /** «Люди»: everything appointed in the reader's territory, or in a part of it. */
    async overview(person: Person, within: string | null): Promise<PeopleOverview> {
      const mine = territories(person, 'people.view');
      if (mine.length === 0) throw new HubError('not_allowed');
      const looked = within === null ? null : await units.find(within);
      if (within !== null && (!looked || !isAllowed(person, 'people.view', looked.path)))
        throw new HubError('not_allowed');
      const roots = looked ? [looked.path] : mine;
      const found = await units.list({
        $or: [
          { path: { $in: roots } },
          {
            kind: { $nin: [...CABINET_KINDS] },
            $or: roots.map((path) => ({ path: startingWith(path) })),
          },
        ],
      });
      // The nearest first: of a whole country, its regions before their municipalities.
      const depth = ({ path }: Unit): number => path.split('/').length;
      const inOrder = found.toSorted((a, b) => depth(a) - depth(b) || a.order - b.order);
      const shown = inOrder.slice(0, PARTS_MAX);
      const tops = found.filter(({ path }) => roots.includes(path));
      return {
        territory: tops.map(({ name }) => name).join(', '),
        zone: await zoneAt(units, roots[0] ?? ''),
        parts: await parts(shown),
        names: Object.fromEntries(shown.map(({ id, name }) => [id, name])),
        left: inOrder.length - shown.length,
        within: looked && { id: looked.id, name: looked.name },
      };
    },

    /** One part, for a reader that needs it anew. */
    async part(person: Person, unitId: string): Promise<Snapshot<AppointmentsPart>> {
      const unit = await units.get(unitId);
      if (!isAllowed(person, 'people.view', unit.path)) throw new HubError('not_allowed');
      const [part] = await parts([unit]);
      if (!part) throw new HubError('not_found');
      return part;
    },

    appointable: (person: Person): Appointable[] =>
      appointableBy(person).map((role) => ({ role, kinds: APPOINTING[role].places })),

    /** Units in which the reader may appoint to a role, by a part of their name or code; the first ones when nothing is sought. */
    async places(person: Person, role: Role, procedure: string | null, sought: string): Promise<PlaceHit[]> {
      const mine = person.assignments.filter(({ role: by }) => APPOINTING[role].appointedBy[by] !== undefined);
      if (mine.length === 0) return [];
      const wanted = simple(sought).split(/\s+/).filter(Boolean).slice(0, 8);
      const found = await units.list(
        {
          // In a college he is appointed to one of its rooms, on their page.
          kind: { $in: APPOINTING[role].places.filter((kind) => role !== 'roomOrganizer' || kind !== 'college') },
          'status.status': 'active',
          $or: mine.map(({ path }) => ({ path: startingWith(path) })),
        },
        { sort: { path: 1 } },
      );
      const parents = await units.list({ _id: { $in: [...new Set(found.flatMap(({ parent }) => parent ?? []))] } });
      const nameOf = new Map(parents.map(({ id, name }) => [id, name]));
      return found
        .map(({ id, name, path, parent }) => ({ id, name, path, parentName: nameOf.get(parent ?? '') ?? '' }))
        .filter(({ id, name, path, parentName }) => {
          const text = simple(`${name} ${id} ${parentName}`);
          return powerOver(person, { role, path, procedure }) !== null && wanted.every((word) => text.includes(word));
        })
        .slice(0, PLACES_SHOWN_MAX)
        .map(({ id, name, parentName }) => ({ id, name, parentName }));
    },

    /** A person's own appointments, the latest first. */
    async own(person: Pick<Person, 'id'>): Promise<AppointmentView[]> {
      const held = await assignments.list({ person: person.id }, { sort: { madeAtMs: -1 }, limit: ENDED_SHOWN_MAX });
      const [named, titles] = await Promise.all([
        units.list({ _id: { $in: [...new Set(held.map(({ unit }) => unit))] } }),
        titlesOf(held),
      ]);
      const nameOf = new Map(named.map(({ id, name }) => [id, name]));
      return held.map((one) =>
        appointmentView(one, {
          unitName: nameOf.get(one.unit) ?? one.unit,
          procedureTitle: one.procedure === null ? null : (titles.get(one.procedure) ?? one.procedure),
        }),
      );
    },

    /** What a link opens. Errors: `not_found`, `invitation_expired`, `invitation_used`, `invitation_revoked`. */
    async invitation(code: string): Promise<InvitationView> {
      const { appointment, hash } = await byCode(code);
      const { name, role, unit, procedure, madeBy, from, to, zone, invitations } = demandOpen(appointment, hash, now());
      const titles = await titlesOf([appointment]);
      return {
        ...{ name, role, madeBy, from, to, zone },
        unitName: (await units.get(unit)).name,
        procedureTitle: procedure === null ? null : (titles.get(procedure) ?? procedure),
        expiresAtMs: invitations.find((one) => one.hash === hash)?.expiresAtMs ?? 0,
      };
    },
  };
}

export type AppointmentQueries = ReturnType<typeof createAppointmentQueries>;
