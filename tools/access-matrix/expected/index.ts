/**
 * Who may do what, written down apart from the code that enforces it, from domain 2.2 and its negative rules. Every route and
 * every form of the pages, every stream, and every use case that a page can call stands in one of the areas; what does not is
 * reported as uncovered, and the command fails.
 */
import type { Area, DeedExpectation, Made, RouteExpectation, StreamExpectation } from './area.ts';
import { cabinets } from './cabinets.ts';
import { collector } from './collector.ts';
import { credentials } from './credentials.ts';
import { forum } from './forum.ts';
import { hub } from './hub.ts';
import { monitoring } from './monitoring.ts';
import { people } from './people.ts';
import { publications } from './publications.ts';
import { study } from './study.ts';
import { survey } from './survey.ts';
import { units } from './units.ts';

const AREAS: readonly Area[] = [
  hub,
  people,
  units,
  cabinets,
  credentials,
  publications,
  monitoring,
  forum,
  study,
  collector,
  survey,
];

type Reasons = Readonly<Record<string, string>>;
const joined = <T>(parts: readonly Readonly<Record<string, T>>[]): Readonly<Record<string, T>> =>
  Object.fromEntries(parts.flatMap((part) => Object.entries(part)));

export const routes = (made: Made): readonly RouteExpectation[] => AREAS.flatMap((area) => area.routes?.(made) ?? []);
export const streams = (made: Made): readonly StreamExpectation[] =>
  AREAS.flatMap((area) => area.streams?.(made) ?? []);
export const deeds = (made: Made): Readonly<Record<string, DeedExpectation>> =>
  joined(AREAS.map((area) => area.deeds?.(made) ?? {}));

/** Routes without a probe, each with the reason. */
export const routesLeftOut: Reasons = joined(AREAS.map((area) => area.routesLeftOut ?? {}));
/** Use cases without a probe of their own, each with the reason. */
export const deedsLeftOut: Reasons = joined(AREAS.map((area) => area.deedsLeftOut ?? {}));
