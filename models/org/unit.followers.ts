/** What keeps a copy of a unit's place or name, and follows it in the same transaction: rights, participations, files, results. */
import type { ClientSession } from 'mongoose';
import type { Context } from '../context.ts';
import type { Entity, EntityStore } from '../entity.store.ts';
import type { Fact } from '../journal/journal.ts';
import { parseStream } from '../journal/stream.ts';
import { participationFacts } from '../participation/participation.actions.ts';
import { responseFact } from '../survey/survey.actions.ts';
import type { Participation } from '../participation/participation.ts';
import { TREE } from '../people/access.store.ts';
import type { Step } from './unit-change.ts';
import type { Unit } from './unit.ts';
import { startingWith } from './unit.store.ts';

export interface Following {
  /** What cabinets and registration pages must hear. */
  facts: Fact[];
  /** Units below a moved one, in their new place. */
  units: Unit[];
  save(session: ClientSession): Promise<void>;
}

type Placed = Entity & { path: string };

export function createFollowers({
  units,
  assignments,
  participations,
  submissions,
  results,
  surveyResponses,
  accessVersions,
}: Context) {
  /** Entities at or below a path, with the path they have afterwards. */
  async function moved<T extends Placed>(store: EntityStore<T>, from: string, to: string): Promise<T[]> {
    const found = await store.list({ path: startingWith(from) });
    return found.map((entity) => ({ ...entity, rev: entity.rev + 1, path: to + entity.path.slice(from.length) }));
  }

  /** Reads what the steps drag along. Whoever changes one of these meanwhile makes the deed stale, and it is tried again. */
  return async function follow(steps: readonly Step[]): Promise<Following> {
    const facts: Fact[] = [];
    const below: Unit[] = [];
    const saves: ((session: ClientSession) => Promise<void>)[] = [];
    const later = <T extends Entity>(store: EntityStore<T>, entities: readonly T[]): void => {
      saves.push(async (session) => {
        for (const entity of entities) await store.save(entity, session);
      });
    };

    for (const { before, after } of steps) {
      if (!before || before.path === after.path) continue;
      for (const unit of await moved(units, before.path, after.path)) if (unit.id !== after.id) below.push(unit);
      later(assignments, await moved(assignments, before.path, after.path));
      later(submissions, await moved(submissions, before.path, after.path));
      later(results, await moved(results, before.path, after.path));
      // What was filled goes with its institution; the lists of both municipalities follow once the move is done.
      const filling = (await moved(surveyResponses, before.path, after.path)).map((response) =>
        response.institution === after.id && after.parent !== null
          ? { ...response, municipality: after.parent }
          : response,
      );
      later(surveyResponses, filling);
      facts.push(...filling.map(responseFact));
      const taking = await participations.list({ path: startingWith(before.path) });
      for (const participation of taking) {
        const isOwn = participation.institution === after.id;
        const carried: Participation = {
          ...participation,
          rev: participation.rev + 1,
          path: after.path + participation.path.slice(before.path.length),
          municipality: isOwn && after.parent !== null ? after.parent : participation.municipality,
        };
        later(participations, [carried]);
        if (!isOwn) continue;
        // The boards are relisted with their counters once the move is done; the cabinet hears of it here.
        const told = participationFacts(participation, carried, after);
        facts.push(...told.filter(({ stream }) => parseStream(stream)?.kind !== 'board'));
      }
    }
    // Nodes keep paths in memory and ask rights by them: a path that changed is read anew everywhere.
    const isMoved = steps.some(({ before, after }) => before && before.path !== after.path);
    if (isMoved) saves.push((session) => accessVersions.raise([TREE], session));
    return {
      facts,
      units: below,
      async save(session) {
        for (const save of saves) await save(session);
      },
    };
  };
}
