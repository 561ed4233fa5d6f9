/** What pages read of requests for a cabinet: the form's choices, the applicant's page, the centre's queue. */
import type { Context } from '../context.ts';
import { connectionOf, hasCabinet, type Connection } from '../contextual-data/contextual-data.ts';
import { HubError } from '../error.ts';
import { positionOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { requestQueueStream, requestTicketStream } from '../journal/stream.ts';
import { isWithin, pathIds, type Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import type { Centre } from '../procedure/procedure.ts';
import {
  DECIDED_SHOWN_MAX,
  queueOf,
  requestView,
  ticketView,
  WAITING_SHOWN_MAX,
  type AccountRequest,
  type RequestQueue,
  type RequestTicketView,
} from './account-request.ts';

/** Institutions that one search shows. */
export const CHOICES_SHOWN_MAX = 20;

export interface InstitutionChoice {
  id: string;
  name: string;
  municipality: string;
  connection: Connection;
  /** A request is with the centre, or issued and not taken yet: another can't be sent. */
  isUnderWay: boolean;
}

const startingWith = (path: string) => ({ $gte: path, $lt: `${path}\uffff` });
const simple = (text: string): string => text.toLocaleLowerCase('ru').replaceAll('ё', 'е');

export function createAccountRequestQueries(context: Context) {
  const { journal, units, procedures, accountRequests, contextualData, sha256 } = context;

  async function byTicket(ticket: string): Promise<AccountRequest> {
    const [found] = await accountRequests.list({ ticketHash: sha256(ticket) }, { limit: 1 });
    if (!found) throw new HubError('not_found');
    return found;
  }

  async function choicesOf(
    institutions: readonly Unit[],
    names: ReadonlyMap<string, string>,
  ): Promise<InstitutionChoice[]> {
    const data = await contextualData.list({ _id: { $in: institutions.map(({ id }) => id) } });
    const dataOf = new Map(data.map((one) => [one.id, one]));
    return institutions.map(({ id, name, parent }) => {
      const known = dataOf.get(id);
      return {
        id,
        name,
        municipality: names.get(parent ?? '') ?? '',
        connection: known ? connectionOf(known) : 'none',
        isUnderWay: known !== undefined && known.request !== null,
      };
    });
  }

  async function queue(region: Unit): Promise<Snapshot<RequestQueue>> {
    const stream = requestQueueStream(region.id);
    const position = await positionOf(journal, stream);
    const [waiting, decided] = await Promise.all([
      accountRequests.list(
        { region: region.id, status: 'submitted' },
        { sort: { submittedAtMs: 1 }, limit: WAITING_SHOWN_MAX },
      ),
      accountRequests.list(
        { region: region.id, status: { $in: ['issued', 'declined'] } },
        { sort: { atMs: -1 }, limit: DECIDED_SHOWN_MAX },
      ),
    ]);
    // A request decided between the two readings stands in both: the later state counts.
    const requests = [...new Map([...waiting, ...decided].map((request) => [request.id, request])).values()];
    const institutions = await units.list({ _id: { $in: requests.map(({ institution }) => institution) } });
    const parents = await units.list({ _id: { $in: institutions.map(({ parent }) => parent) } });
    const unitOf = new Map([...institutions, ...parents].map((unit) => [unit.id, unit]));
    const views = requests.map((request) => {
      const unit = unitOf.get(request.institution);
      const parent = unitOf.get(unit?.parent ?? '');
      return requestView(request, { institution: unit?.name ?? request.institution, parent: parent?.name ?? '' });
    });
    return { stream, position, state: queueOf(region.id, views) };
  }

  return {
    /** Regions whose centre answers requests, for everybody. */
    regions: async (): Promise<{ id: string; name: string }[]> =>
      (await units.list({ kind: 'region' }, { sort: { order: 1 } })).map(({ id, name }) => ({ id, name })),

    /** Institutions of a region by a part of their name, code or municipality: every word must be found. */
    async choices(regionId: string, sought: string): Promise<{ found: InstitutionChoice[]; isMore: boolean }> {
      const region = await units.find(regionId);
      const wanted = simple(sought).split(/\s+/).filter(Boolean).slice(0, 8);
      if (!region || region.kind !== 'region' || wanted.length === 0) return { found: [], isMore: false };
      const all = await units.list({ path: startingWith(region.path) }, { sort: { order: 1 } });
      const names = new Map(all.map(({ id, name }) => [id, name]));
      const matching = all.filter((unit) => {
        const { id, name, shortName, parent } = unit;
        const text = simple(`${name} ${shortName ?? ''} ${id} ${names.get(parent ?? '') ?? ''}`);
        return hasCabinet(unit) && wanted.every((word) => text.includes(word));
      });
      const shown = matching.slice(0, CHOICES_SHOWN_MAX);
      const found = await choicesOf(shown, names);
      return { found, isMore: matching.length > shown.length };
    },

    /** One institution of a region as a choice, or null when there is none by this code. */
    async choice(regionId: string, institution: string): Promise<InstitutionChoice | null> {
      const [region, unit] = await Promise.all([units.find(regionId), units.find(institution)]);
      if (!region || !unit || !hasCabinet(unit) || !isWithin(unit.path, region.path)) return null;
      const parent = unit.parent === null ? null : await units.find(unit.parent);
      const [choice] = await choicesOf([unit], new Map(parent ? [[parent.id, parent.name]] : []));
      return choice ?? null;
    },

    /** The centre of an institution's region, as its latest procedure names it; null before the first procedure. */
    async centreOf(institution: string): Promise<{ centre: Centre | null; zone: string }> {
      const unit = await units.get(institution);
      const above = await units.list({ _id: { $in: pathIds(unit.path) } });
      const region = above.find(({ kind }) => kind === 'region');
      const [latest] = region
        ? await procedures.listOf('attendance', { region: region.id }, { sort: { deadlineMs: -1 }, limit: 1 })
        : [];
      return { centre: latest?.centre ?? null, zone: region?.zone ?? 'Europe/Moscow' };
    },

    /** What the holder of a ticket sees, with its position. */
    async ticket(ticket: string): Promise<Snapshot<RequestTicketView>> {
      const stream = requestTicketStream((await byTicket(ticket)).id);
      const position = await positionOf(journal, stream);
      const request = await byTicket(ticket);
      const unit = await units.get(request.institution);
      return { stream, position, state: ticketView(request, unit.name) };
    },

    /** The queues of every region whose requests the person decides. */
    async queues(person: Person): Promise<{ territory: string; zone: string; parts: Snapshot<RequestQueue>[] }> {
      const mine = territories(person, 'cabinet.grant');
      if (mine.length === 0) throw new HubError('not_allowed');
      const regions = await units.list(
        { kind: 'region', $or: mine.map((path) => ({ path: startingWith(path) })) },
        { sort: { order: 1 } },
      );
      return {
        territory: regions.map(({ name }) => name).join(', '),
        zone: regions[0]?.zone ?? 'Europe/Moscow',
        parts: await Promise.all(regions.map(queue)),
      };
    },

    /** One region's queue, for a reader that needs it anew. */
    async queue(person: Person, regionId: string): Promise<Snapshot<RequestQueue>> {
      const region = await units.get(regionId);
      if (!isAllowed(person, 'cabinet.grant', region.path)) throw new HubError('not_allowed');
      return queue(region);
    },
  };
}

export type AccountRequestQueries = ReturnType<typeof createAccountRequestQueries>;
