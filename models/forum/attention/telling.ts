/**
 * Telling somebody what is unread and concerns him, in one of several ways. Whatever the way: nothing is said in his quiet hours, and
 * what was told is marked in the transaction that tells it, so that no other node tells it too.
 */
import type { ClientSession } from 'mongoose';
import type { Context } from '../../context.ts';
import { HubError } from '../../error.ts';
import type { Person } from '../../people/person.ts';
import type { Procedure } from '../../procedure/procedure.ts';
import type { Question } from '../forum.ts';
import { openForum } from '../forum.reader.ts';
import { afterQuiet, concernOf, isQuiet, type Attention, type Concern, type Telling } from './attention.ts';

/** Readers whom one look tells, and how many of them at once. */
const DUE_MAX = 50;
const AT_ONCE = 8;
/** Changed questions that one telling looks through. */
const CHANGED_MAX = 500;
/** Nodes whose clocks differ by less lose nothing between two tellings (ms); what lies in it twice is told once. */
const OVERLAP_MS = 10 * 60_000;

/** What concerns a reader, and why. */
export interface Concerning {
  question: Question;
  concern: Concern;
}

export interface Told {
  attention: Attention;
  person: Person;
  procedure: Procedure;
  /** In the order in which they changed, at least one. */
  concerning: readonly Concerning[];
}

export interface Way {
  /** How far it is with a reader. */
  of: (attention: Attention) => Telling;
  /** What is kept of that. */
  kept: (telling: Telling) => Partial<Attention>;
  /** By what the store finds who is due. */
  field: string;
  /** When it is thought of again; null until something happens. */
  nextAtMs: (attention: Attention, nowMs: number) => number | null;
  /** Gets ready outside of the transaction, and returns what writes within it; null when there is nowhere to write to. */
  prepare: (told: Told) => Promise<((session: ClientSession) => Promise<void>) | null>;
}

/** How far a way is that begins now: what was there before is no news. */
export const beginning = (nowMs: number): Telling => ({ sentUpToMs: nowMs + OVERLAP_MS, told: [], nextAtMs: null });

export function createTelling(context: Context, people: { load(id: string): Promise<Person | null> }) {
  const { forumAttention, forumQuestions, forumReadings, together, now } = context;

  /** The questions that changed since the last telling, are unread beyond what it told, and concern the reader. */
  async function concerningOf(attention: Attention, { sentUpToMs, told }: Telling, person: Person) {
    const { procedure } = attention;
    const [changed, readings] = await Promise.all([
      forumQuestions.list(
        { procedure, changedAtMs: { $gte: sentUpToMs - OVERLAP_MS } },
        { sort: { changedAtMs: 1 }, limit: CHANGED_MAX },
      ),
      forumReadings.list({ person: person.id, procedure }),
    ]);
    const read = new Map(readings.map(({ question, n }) => [question, n]));
    const reader = { id: person.id, holds: person.assignments };
    const toldTo = new Map(told.map(({ question, n }) => [question, n]));
    return changed.flatMap((question): Concerning[] => {
      const known = Math.max(read.get(question.id) ?? 0, toldTo.get(question.id) ?? 0);
      const concern = concernOf(question, reader, attention, known);
      return concern === null ? [] : [{ question, concern }];
    });
  }

  /** Tells once, or not: what was looked at is marked in the transaction that tells. */
  async function tell(attention: Attention, way: Way): Promise<void> {
    const nowMs = now();
    const telling = way.of(attention);
    const marked = (changed: Partial<Telling>): Attention => ({
      ...{ ...attention, ...way.kept({ ...telling, ...changed }), rev: attention.rev + 1 },
    });
    const { quiet, zone } = attention;
    if (isQuiet(quiet, zone, nowMs)) {
      await forumAttention.save(marked({ nextAtMs: afterQuiet(quiet, zone, nowMs) }));
      return;
    }
    const person = await people.load(attention.person);
    const opened = person && (await openForum(context, person, attention.procedure).catch(() => null));
    if (!person || !opened) {
      // Whoever may not read the forum is told nothing of it.
      await forumAttention.save(marked({ nextAtMs: null }));
      return;
    }
    const concerning = await concerningOf(attention, telling, person);
    const next = { nextAtMs: way.nextAtMs(attention, nowMs), sentUpToMs: nowMs };
    const { procedure } = opened;
    const writing = concerning.length === 0 ? null : await way.prepare({ attention, person, procedure, concerning });
    if (!writing) {
      await forumAttention.save(marked(next));
      return;
    }
    const fresh = new Set(concerning.map(({ question }) => question.id));
    const told = [
      ...telling.told.filter(({ question }) => !fresh.has(question)),
      ...concerning.map(({ question: { id, messages } }) => ({ question: id, n: messages })),
    ].slice(-CHANGED_MAX);
    await together(async (session) => {
      await forumAttention.save(marked({ ...next, told }), session);
      await writing(session);
    });
  }

  return {
    /** Tells whoever is due, a few at once; returns whether anybody was. */
    tellDue: async (way: Way): Promise<boolean> => {
      const due = await forumAttention.list(
        { [way.field]: { $lte: now() } },
        { sort: { [way.field]: 1 }, limit: DUE_MAX },
      );
      const waiting = due.values();
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (const attention of waiting)
            await tell(attention, way).catch((error: unknown) => {
              // Another node told it, or its reader chose anew: the next look sees what is so.
              if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
            });
        }),
      );
      return due.length > 0;
    },
  };
}
