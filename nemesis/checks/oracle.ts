/**
 * Who may see what, told from the names of the world alone. It shares no code with the hub: neither roles nor paths nor
 * abilities, so that a fault of the hub's filter can't be a fault of the oracle too.
 */
import type { Home } from '../world.ts';

/** Whole words only: ids of chance can have anything in them. */
const NAMES = /(?<![\w-])(P?)q(\d+)x(\d+)(?![\w-])/g;

const COLLEGES = /(?<![\w-])c48-\d+(?![\w-])/g;

/** Why a text must not have reached somebody, or null when it may. `stream` is the stream it came with. */
export function leakOf(home: Home, stream: string, text: string): string | null {
  const kind = stream.slice(0, stream.indexOf(':'));
  if (!KINDS[home.role].includes(kind)) return `${home.role} hears ${stream}`;
  if (home.role === 'region' || home.role === 'centre') return null;
  if (home.role === 'college') {
    if (!stream.endsWith(`:${home.college}`)) return `${home.college} hears ${stream}`;
    const foreign = [...text.matchAll(COLLEGES)].find(([name]) => name !== home.college);
    return foreign ? `${home.college} sees ${foreign[0]}` : null;
  }
  if (home.role === 'municipality' && !stream.endsWith(`-m${home.municipality}`))
    return `municipality ${home.municipality} hears ${stream}`;
  for (const [name, personal, municipality, institution] of text.matchAll(NAMES)) {
    const isOwn =
      Number(municipality) === home.municipality &&
      (home.role === 'municipality' || Number(institution) === home.institution);
    if (!isOwn) return `${home.role} sees ${name}`;
    if (home.role === 'municipality' && personal) return `a municipality sees the organizer ${name}`;
  }
  return null;
}

/** The kinds of streams that are anything to a role (domain 2.2). */
const KINDS: Record<Home['role'], readonly string[]> = {
  centre: ['collector', 'scanErrors', 'scanBatch', 'uploads'],
  college: ['ownScans'],
  region: ['board', 'cabinet', 'rollup'],
  municipality: ['board'],
  institution: ['cabinet'],
  ticket: ['registration'],
};
