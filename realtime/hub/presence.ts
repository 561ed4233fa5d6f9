/**
 * Who is present at a stream: said by pages, forgotten when it is not said again, told to the others who are there and to
 * the other nodes. Never journalled; a lost word costs a name for some seconds. Pure: time, sockets and nodes come from outside.
 */
import type { Role } from '#models/people/rights.ts';
import { PRESENCE_TTL_MS, PRESENT_PEOPLE_MAX, type Presence, type PresentPerson } from '../contract.ts';

/** What one node says to the others: everybody present at these streams through it. */
export type PresenceWord = { s: string; people: NamedPerson[] }[];
export type NamedPerson = PresentPerson & { name: string };

/** A socket at a stream. */
export interface PresentSocket {
  person: { id: string; name: string };
  role: Role;
  where: string | null;
  doing: 'looking' | 'writing';
  /** Whether the socket's person is told names, or roles only. */
  knowsNames: boolean;
}

interface Seen extends PresentSocket {
  untilMs: number;
  /** The list this socket was told last. */
  told: number;
}

interface Place {
  here: Map<string, Seen>;
  elsewhere: Map<string, { people: readonly NamedPerson[]; untilMs: number }>;
  /** Rises when the list changes. */
  version: number;
  list: readonly NamedPerson[];
  /** Of this node alone, as the others were told. */
  own: readonly NamedPerson[];
}

/** Sockets at one stream that are told within one turn; at more of them a change is told less often, so that its cost stays bounded. */
export const TOLD_PER_TURN = 100;

export class PresenceBook {
  readonly #places = new Map<string, Place>();
  readonly #touched = new Set<string>();
  #turn = 0;

  /** A page says where it is. */
  say(socket: string, stream: string, present: PresentSocket, nowMs: number): void {
    const place = this.#place(stream);
    const before = place.here.get(socket);
    place.here.set(socket, { ...present, untilMs: nowMs + PRESENCE_TTL_MS, told: before?.told ?? -1 });
    this.#touched.add(stream);
  }

  /** A page has gone from a stream. */
  leave(socket: string, stream: string): void {
    if (this.#places.get(stream)?.here.delete(socket)) this.#touched.add(stream);
  }

  /** Another node says who is there through it. */
  hear(node: string, word: PresenceWord, nowMs: number): void {
    for (const { s, people } of word) {
      const place = people.length > 0 ? this.#place(s) : this.#places.get(s);
      if (!place) continue;
      if (people.length > 0) place.elsewhere.set(node, { people, untilMs: nowMs + PRESENCE_TTL_MS });
      else place.elsewhere.delete(node);
      this.#touched.add(s);
    }
  }

  /** Takes out what is to be told now: to sockets of this node, and to the other nodes. */
  turn(nowMs: number): { sockets: Map<string, Presence[]>; word: PresenceWord } {
    this.#turn += 1;
    this.#forget(nowMs);
    const sockets = new Map<string, Presence[]>();
    const word: PresenceWord = [];
    for (const stream of [...this.#touched]) {
      const place = this.#places.get(stream);
      if (!place) continue;
      if (this.#turn % Math.ceil(place.here.size / TOLD_PER_TURN || 1) !== 0) continue;
      this.#touched.delete(stream);
      const own = merge([...place.here.values()].map(named));
      if (!isSame(own, place.own)) {
        place.own = own;
        word.push({ s: stream, people: [...own] });
      }
      const list = merge([...own, ...[...place.elsewhere.values()].flatMap(({ people }) => people)]);
      if (!isSame(list, place.list)) {
        place.list = list;
        place.version += 1;
      }
      for (const [socket, seen] of place.here) {
        if (seen.told === place.version) continue;
        seen.told = place.version;
        const said = sockets.get(socket) ?? [];
        sockets.set(socket, said);
        said.push({ s: stream, people: viewOf(place.list, seen) });
      }
      if (place.here.size === 0 && place.elsewhere.size === 0) this.#places.delete(stream);
    }
    return { sockets, word };
  }

  /** Everything this node says to the others, again: they forget what is not repeated. */
  repeat(): PresenceWord {
    return [...this.#places].flatMap(([s, { own }]) => (own.length > 0 ? [{ s, people: [...own] }] : []));
  }

  #place(stream: string): Place {
    let place = this.#places.get(stream);
    if (!place) {
      place = { here: new Map(), elsewhere: new Map(), version: 0, list: [], own: [] };
      this.#places.set(stream, place);
    }
    return place;
  }

  #forget(nowMs: number): void {
    for (const [stream, { here, elsewhere }] of this.#places)
      for (const known of [here, elsewhere])
        for (const [key, { untilMs }] of known)
          if (untilMs <= nowMs) {
            known.delete(key);
            this.#touched.add(stream);
          }
  }
}

const named = ({ person, role, where, doing }: PresentSocket): NamedPerson => ({
  id: person.id,
  name: person.name,
  role,
  where,
  doing,
});

const byName = new Intl.Collator('ru');

/** One entry a person: of several pages the one where he writes counts. In the order of names, so that the list stands still. */
function merge(people: readonly NamedPerson[]): NamedPerson[] {
  const byId = new Map<string, NamedPerson>();
  for (const one of people) if (byId.get(one.id)?.doing !== 'writing') byId.set(one.id, one);
  return [...byId.values()]
    .sort((a, b) => byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1))
    .slice(0, PRESENT_PEOPLE_MAX);
}

/** The list as one of those present may see it: without himself, and with names only if he may know them. */
const viewOf = (list: readonly NamedPerson[], { person, knowsNames }: PresentSocket): PresentPerson[] =>
  list.filter(({ id }) => id !== person.id).map((one) => (knowsNames ? one : { ...one, name: null }));

const isSame = (a: readonly NamedPerson[], b: readonly NamedPerson[]): boolean =>
  a.length === b.length &&
  a.every(({ id, name, role, where, doing }, index) => {
    const other = b[index];
    return (
      id === other?.id && name === other.name && role === other.role && where === other.where && doing === other.doing
    );
  });
