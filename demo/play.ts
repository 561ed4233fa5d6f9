/** The region at work: first the days before the visitor came, then a deed every few seconds for as long as he looks. */
import { setTimeout as after } from 'node:timers/promises';
import { createActor, type Actor } from './actor.ts';
import { castOf, STAGES, type Character, type Stage } from './cast.ts';
import type { Centre } from './centre.ts';
import type { Chance } from '#chance/chance.ts';
import { createChance } from './chance.ts';
import { WORKING_DAYS, WORKING_MINUTES, workingMoment, type Clock } from './clock.ts';
import { isBeingRead, nextDeed, stageOf, type Deed, type Row } from './deed.ts';
import type { Pace } from './pace.ts';
import { Refused, type Session } from './session.ts';
import type { FillTask } from './workbook.ts';

export interface PlayOptions {
  seed: number;
  procedure: string;
  pace: Pace;
  clock: Clock;
  centre: Centre;
  newSession: () => Session;
  fill: (task: FillTask) => Promise<Uint8Array>;
  stopped: AbortSignal;
  /** Told after every deed. */
  onDeed: (deed: Deed, row: Row) => void;
  /** Told of every refusal, and of a hub that does not answer. */
  onTrouble: (error: unknown, what: string) => void;
}

export interface Play {
  /**
   * Brings the region to where the visitor first sees it; `onStep` gets the share that is done. In a new region its days lie
   * in the past; one that was interrupted is caught up with by the real clock, which never goes back.
   */
  open(isNew: boolean, onStep: (share: number) => void): Promise<void>;
  /** Goes on until it is stopped; returns when the deadline has passed. */
  live(): Promise<void>;
}

/** How long an institution that was refused waits before it tries again (ms). */
const REST_MS = 20_000;
const READING_LOOK_MS = 40;
const LOOK_EVERY_MS = 10_000;
const LAST_MINUTE = WORKING_DAYS * WORKING_MINUTES - 1;

interface Candidate {
  character: Character;
  row: Row;
  deed: Deed;
}

export function createPlay(options: PlayOptions): Play {
  const { seed, procedure, pace, clock, centre, newSession, fill, stopped, onDeed, onTrouble } = options;
  const cast = new Map(castOf(seed).map((character) => [character.institution, character]));
  const actors = new Map<string, Actor>();
  const readyAt = new Map<string, { deed: string; atMs: number }>();
  const restsUntil = new Map<string, number>();
  let rows = new Map<string, Row>();
  let lookedAtMs = 0;

  async function look(): Promise<void> {
    rows = new Map((await centre.rows()).map((row) => [row.institution, row]));
    lookedAtMs = clock.now();
  }

  async function lookAt(row: Row): Promise<Row> {
    const seen = await centre.row(row);
    rows.set(row.institution, seen);
    return seen;
  }

  /** The whole board now and then, for what the visitor does; between that only the rows that the hub is working on. */
  async function lookAround(): Promise<void> {
    if (clock.now() - lookedAtMs >= LOOK_EVERY_MS) return look();
    for (const row of rows.values()) if (isBeingRead(row)) await lookAt(row);
  }

  function actorOf(character: Character): Actor {
    const known = actors.get(character.institution);
    if (known) return known;
    const actor = createActor({ seed, procedure, character, session: newSession(), centre, fill, borrow });
    actors.set(character.institution, actor);
    return actor;
  }

  /** A colleague who has a template of the same format already. */
  async function borrow(institution: string): Promise<Uint8Array | null> {
    const format = cast.get(institution)?.format;
    const colleague = [...cast.values()].find(
      (other) =>
        other.institution !== institution &&
        other.format === format &&
        rows.get(other.institution)?.progress.templateAtMs != null,
    );
    return colleague ? actorOf(colleague).template() : null;
  }

  /** Does a deed and looks at the row again. A refusal is part of life: it is told, and false comes back. */
  async function act({ deed, row, character }: Candidate): Promise<boolean> {
    let isDone = true;
    try {
      await actorOf(character).act(deed);
    } catch (error) {
      if (stopped.aborted || isPastDeadline(error)) throw error;
      onTrouble(error, `${row.institution} ${deed.kind}`);
      isDone = false;
    }
    const seen = await lookAt(row);
    if (isDone) onDeed(deed, seen);
    return isDone;
  }

  async function open(isNew: boolean, onStep: (share: number) => void): Promise<void> {
    const nowMs = clock.now();
    const chance = createChance(seed, 'opening');
    const waiting = [...cast.values()].flatMap((character) =>
      character.opensAt === null ? [] : [{ character, minute: firstMinute(character.opensAt, chance) }],
    );
    const all = waiting.length;
    const moveTo = (minute: number): void => {
      if (isNew) clock.moveTo(workingMoment(minute, nowMs));
    };
    onStep(0);
    moveTo(0);
    await look();
    for (;;) {
      stopped.throwIfAborted();
      waiting.sort((one, other) => one.minute - other.minute);
      const [next] = waiting;
      if (!next) break;
      const { character } = next;
      const row = rows.get(character.institution);
      const deed = row && stageOf(row) !== character.opensAt ? nextDeed(row, character) : null;
      let isOver = !row || !deed || deed.kind === 'revise';
      if (row && deed && !isOver) {
        moveTo(next.minute);
        isOver = !(await act({ deed, row, character }));
        await untilRead(row.institution);
        next.minute = Math.min(LAST_MINUTE, next.minute + chance.whole(8, 240));
      }
      if (isOver) waiting.shift();
      onStep(1 - waiting.length / all);
    }
    clock.followReal();
  }

  async function untilRead(institution: string): Promise<void> {
    for (let row = rows.get(institution); row && isBeingRead(row); row = rows.get(institution)) {
      await after(READING_LOOK_MS, null, { signal: stopped });
      await lookAt(row);
    }
  }

  async function live(): Promise<void> {
    const chance = createChance(seed, `live ${clock.now()}`);
    let lastDeedMs = clock.now();
    try {
      for (;;) {
        await after(pace.gapMs(chance), null, { signal: stopped });
        try {
          await lookAround();
          const next = choose(chance, clock.now(), lastDeedMs);
          if (!next) continue;
          lastDeedMs = clock.now();
          if (!(await act(next))) restsUntil.set(next.row.institution, clock.now() + REST_MS);
        } catch (error) {
          if (stopped.aborted || isPastDeadline(error)) throw error;
          onTrouble(error, 'board');
          await after(REST_MS, null, { signal: stopped });
        }
      }
    } catch (error) {
      if (!isPastDeadline(error)) throw error;
    }
  }

  /** One of those who are ready, or the next to be when the region has stood still for too long. */
  function choose(chance: Chance, nowMs: number, lastDeedMs: number): Candidate | undefined {
    const candidates = [...cast.values()].flatMap((character) => {
      const row = rows.get(character.institution);
      const deed = row && nextDeed(row, character);
      if (!deed || (restsUntil.get(row.institution) ?? 0) > nowMs) return [];
      return [{ character, row, deed, atMs: readyAtMs(row, deed, chance, nowMs) }];
    });
    const [ready] = chance.shuffled(candidates.filter(({ atMs }) => atMs <= nowMs));
    if (ready || nowMs - lastDeedMs < pace.stillMs) return ready;
    return candidates.filter(({ deed }) => deed.kind !== 'revise').sort((one, other) => one.atMs - other.atMs)[0];
  }

  /** A deed is waited for from the moment it is first seen to be the next. */
  function readyAtMs({ institution, progress }: Row, { kind }: Deed, chance: Chance, nowMs: number): number {
    const deed = `${kind} ${progress.attempts}`;
    const known = readyAt.get(institution);
    if (known?.deed === deed) return known.atMs;
    const atMs = nowMs + pace.patienceMs(kind, chance);
    readyAt.set(institution, { deed, atMs });
    return atMs;
  }

  return { open, live };
}

/** Nothing can be sent any more: refusals by that name end the demonstration's movement. */
const isPastDeadline = (error: unknown): boolean =>
  error instanceof Refused && (error.code === 'window_closed' || error.code === 'attestation_late');

/** Who came furthest began first. */
const firstMinute = (opensAt: Stage, chance: Chance): number =>
  chance.whole(0, LAST_MINUTE - 100 - 200 * STAGES.indexOf(opensAt));
