/**
 * Publications: recommendations, instructions, materials, results, reports and letters that one unit sends to others, with marks of
 * who got and read them (S0-05, S0-07, S4-07, S4-08). The rules of one publication; who gets it and what he has done with it is
 * `publication.dispatch.ts`. Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';
import { isActive, unitIdSchema, type Unit, type UnitKind } from '../org/unit.ts';

export const PUBLICATION_KINDS = [
  'recommendations',
  'instructions',
  'material',
  'results',
  'analyticalReport',
  'letter',
] as const;
export type PublicationKind = (typeof PUBLICATION_KINDS)[number];
/** What an institution sends to its centre (S0-05): the others are made above it. */
export const KINDS_TO_CENTRE = ['material', 'letter'] as const satisfies readonly PublicationKind[];

export const TITLE_CHARS_MIN = 3;
export const TITLE_CHARS_MAX = 200;
export const TEXT_CHARS_MAX = 10_000;
export const COVER_CHARS_MAX = 2_000;
export const STAGE_CHARS_MAX = 80;
export const REASON_CHARS_MIN = 3;
export const REASON_CHARS_MAX = 500;
export const FILES_MAX = 10;
/** One file (bytes): below what a page may send at once. */
export const FILE_BYTES_MAX = 15 * 2 ** 20;
/** All files of one publication together (bytes). */
export const FILES_BYTES_MAX = 50 * 2 ** 20;
/** Units of one list; a region with all its institutions fits, a federation sends to regions. */
export const ADDRESSEES_MAX = 2_000;
/** How far ahead a release may be planned (days): a school year and the summer before it. */
export const RELEASE_DAYS_MAX = 400;
const DAY_MS = 86_400_000;

/** Kinds of files, told by their content; each is its usual ending. */
export const FILE_TYPES = [
  'pdf',
  'docx',
  'doc',
  'odt',
  'xlsx',
  'xls',
  'ods',
  'pptx',
  'ppt',
  'odp',
  'rtf',
  'zip',
  'jpg',
  'png',
] as const;
export type FileType = (typeof FILE_TYPES)[number];

export interface AttachedFile {
  id: string;
  name: string;
  type: FileType;
  bytes: number;
  /** Hex. */
  sha256: string;
}

/** What is read: a correction is another edition of it. */
export interface Content {
  kind: PublicationKind;
  title: string;
  /** Plain text; empty when the files say everything. */
  text: string;
  /** The stage it belongs to, in the words of the sender; empty for none. */
  stage: string;
  files: AttachedFile[];
}

interface Issued extends Content {
  id: string;
  rev: number;
  /** The unit that issued it. */
  unit: string;
  procedure: string | null;
  /** Whether those who read it also confirm that they did. */
  asksConfirmation: boolean;
  /** From 1; a correction raises it. */
  edition: number;
  createdAtMs: number;
  /** When this edition was written, and by whom. */
  editedAtMs: number;
  byName: string;
}

export type Publication =
  /** Does not exist for anybody it is for before its moment, on any path (G-06). */
  | (Issued & { status: 'planned'; releaseAtMs: number })
  | (Issued & { status: 'released'; releasedAtMs: number })
  /** Those who had it are told that it is no longer so, and why; `releasedAtMs` null: nobody had it. */
  | (Issued & {
      status: 'withdrawn';
      releasedAtMs: number | null;
      withdrawnAtMs: number;
      withdrawnByName: string;
      reason: string;
    });
export type PublicationOf<Status extends Publication['status']> = Extract<Publication, { status: Status }>;

/** An edition that another took the place of: its author reads it still. */
export interface FormerEdition extends Content {
  /** `<publication>.<edition>` */
  id: string;
  rev: number;
  publication: string;
  edition: number;
  editedAtMs: number;
  byName: string;
}

/** To whom: the units directly below, all institutions of the territory, or, from an institution, the centre above it. */
export const SCOPES = ['next', 'institutions', 'centre'] as const;
export type Scope = (typeof SCOPES)[number];

const INSTITUTIONS: readonly UnitKind[] = ['institution', 'college'];
const NEXT: Partial<Record<UnitKind, readonly UnitKind[]>> = {
  federation: ['region'],
  region: ['municipality', 'college'],
  municipality: ['institution'],
};

export const isInstitution = ({ kind }: Pick<Unit, 'kind'>): boolean => INSTITUTIONS.includes(kind);

/** The scopes from which a unit of this kind may choose; none for one that sends nothing. */
export function scopesOf(kind: UnitKind): Scope[] {
  if (INSTITUTIONS.includes(kind)) return ['centre'];
  if (kind === 'municipality') return ['next'];
  return kind in NEXT ? ['next', 'institutions'] : [];
}

/** Kinds of units a scope holds, seen from a unit of a kind. */
export function kindsIn(kind: UnitKind, scope: Scope): readonly UnitKind[] {
  if (!scopesOf(kind).includes(scope)) return [];
  if (scope === 'centre') return ['region'];
  return scope === 'institutions' ? INSTITUTIONS : (NEXT[kind] ?? []);
}

/**
 * The list as it is sent: everybody in the scope, or those who were chosen of it. Whoever is chosen from outside refuses the whole:
 * such a list was made by hand. Errors: HubError `not_allowed`, `addressees_none`, `addressees_too_many`.
 */
export function listOf(candidates: readonly Unit[], chosen: readonly string[] | null): string[] {
  const active = candidates.filter(isActive);
  const ids = new Set(active.map(({ id }) => id));
  if (chosen?.some((id) => !ids.has(id))) throw new HubError('not_allowed');
  const wanted = chosen === null ? null : new Set(chosen);
  const list = active.map(({ id }) => id).filter((id) => wanted === null || wanted.has(id));
  if (list.length === 0) throw new HubError('addressees_none');
  if (list.length > ADDRESSEES_MAX)
    throw new HubError('addressees_too_many', { count: list.length, max: ADDRESSEES_MAX });
  return list;
}

const text = (max: number) =>
  z
    .string()
    .max(max)
    // Line ends of every system, and nothing else that steers.
    .transform((given) =>
      given
        .replaceAll(/\r\n?/g, '\n')
        .replaceAll(/[^\P{Cc}\n\t]/gu, '')
        .trim(),
    );
const line = (max: number) => text(max).transform((given) => given.replaceAll(/\s+/g, ' '));

export const reasonSchema = line(REASON_CHARS_MAX).pipe(z.string().min(REASON_CHARS_MIN));
export const coverSchema = text(COVER_CHARS_MAX);

const contentShape = {
  kind: z.enum(PUBLICATION_KINDS),
  title: line(TITLE_CHARS_MAX).pipe(z.string().min(TITLE_CHARS_MIN)),
  text: text(TEXT_CHARS_MAX),
  stage: line(STAGE_CHARS_MAX),
  /** Ids of files that were sent before. */
  files: z.array(z.string().min(1).max(60)).max(FILES_MAX),
};
const listShape = {
  scope: z.enum(SCOPES),
  /** Null for everybody in the scope. */
  units: z.array(unitIdSchema).max(ADDRESSEES_MAX).nullable(),
};

export const correctionSchema = z.strictObject({ rev: z.number().int().min(1), ...contentShape });
export type Correction = z.output<typeof correctionSchema>;

export const publicationInputSchema = z.strictObject({
  unit: unitIdSchema,
  procedure: z.string().min(1).max(100).nullable(),
  ...contentShape,
  asksConfirmation: z.boolean(),
  releaseAtMs: z.number().int().nullable(),
  ...listShape,
});
export type PublicationInput = z.output<typeof publicationInputSchema>;

export const sendOnSchema = z.strictObject({ unit: unitIdSchema, cover: coverSchema, ...listShape });

/** Errors: HubError `publication_empty`, `files_too_large`, `bad_input` for a kind that this unit does not send. */
function demandContent(content: Content, issuer: Pick<Unit, 'kind'>): void {
  if (content.text === '' && content.files.length === 0) throw new HubError('publication_empty');
  const bytes = content.files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > FILES_BYTES_MAX)
    throw new HubError('files_too_large', { mb: Math.ceil(bytes / 2 ** 20), mbMax: FILES_BYTES_MAX / 2 ** 20 });
  if (isInstitution(issuer) && !(KINDS_TO_CENTRE as readonly string[]).includes(content.kind))
    throw new HubError('bad_input', { field: 'kind', reason: content.kind });
}

/** A publication as it begins: read at once, or planned. Errors: those of its content, `release_past`, `release_far`. */
export function issue(
  { id, unit, byName }: { id: string; unit: Unit; byName: string },
  {
    procedure,
    asksConfirmation,
    releaseAtMs,
    content,
  }: {
    procedure: string | null;
    asksConfirmation: boolean;
    releaseAtMs: number | null;
    content: Content;
  },
  nowMs: number,
): Publication {
  demandContent(content, unit);
  const issued = {
    ...{ id, rev: 1, unit: unit.id, procedure, asksConfirmation, edition: 1 },
    ...content,
    ...{ createdAtMs: nowMs, editedAtMs: nowMs, byName },
  };
  if (releaseAtMs === null) return { ...issued, status: 'released', releasedAtMs: nowMs };
  if (releaseAtMs <= nowMs) throw new HubError('release_past', { untilMs: releaseAtMs });
  if (releaseAtMs > nowMs + RELEASE_DAYS_MAX * DAY_MS) throw new HubError('release_far', { max: RELEASE_DAYS_MAX });
  return { ...issued, status: 'planned', releaseAtMs };
}

/** The moment has come; null when it has not, or when it was released already: so it is released once. */
export function release(publication: Publication, nowMs: number): PublicationOf<'released'> | null {
  if (publication.status !== 'planned' || publication.releaseAtMs > nowMs) return null;
  const { releaseAtMs, ...issued } = publication;
  return { ...issued, rev: issued.rev + 1, status: 'released', releasedAtMs: releaseAtMs };
}

/** Another edition, and the one before as its author keeps it. Errors: those of its content, `stale_write`, `publication_withdrawn`. */
export function correct(
  publication: Publication,
  { rev, content, byName }: { rev: number; content: Content; byName: string },
  issuer: Pick<Unit, 'kind'>,
  nowMs: number,
): { publication: Publication; former: FormerEdition } {
  if (publication.status === 'withdrawn') throw new HubError('publication_withdrawn');
  // Two who correct the same text must not write over each other.
  if (publication.rev !== rev) throw new HubError('stale_write');
  demandContent(content, issuer);
  const { id, edition, kind, title, text: body, stage, files, editedAtMs } = publication;
  return {
    publication: { ...publication, ...content, rev: rev + 1, edition: edition + 1, editedAtMs: nowMs, byName },
    former: {
      ...{ id: `${id}.${edition}`, rev: 1, publication: id, edition },
      ...{ kind, title, text: body, stage, files, editedAtMs, byName: publication.byName },
    },
  };
}

/** Errors: HubError `publication_withdrawn` for what was withdrawn before. */
export function withdraw(
  publication: Publication,
  { byName, reason }: { byName: string; reason: string },
  nowMs: number,
): PublicationOf<'withdrawn'> {
  if (publication.status === 'withdrawn') throw new HubError('publication_withdrawn');
  const releasedAtMs = publication.status === 'released' ? publication.releasedAtMs : null;
  const { status: _, ...rest } = publication;
  const issued: Issued = 'releaseAtMs' in rest ? without(rest) : rest;
  return {
    ...issued,
    rev: issued.rev + 1,
    ...{ status: 'withdrawn', releasedAtMs, withdrawnAtMs: nowMs, withdrawnByName: byName, reason },
  };
}

const without = <T extends { releaseAtMs: number }>({ releaseAtMs: _, ...rest }: T): Omit<T, 'releaseAtMs'> => rest;

/** Whether anybody it is for may see what it says. */
export const isReadable = ({ status }: Pick<Publication, 'status'>): boolean => status === 'released';

/** Characters of a file's name that are kept; its ending stays. */
export const FILE_NAME_CHARS_MAX = 120;

/** The sender's name of a file, safe to show and to save: no path, nothing that steers or turns the line, and the ending of its content. */
export function safeFileName(raw: string, type: FileType): string {
  const last = raw.split(/[/\\]/).at(-1) ?? '';
  const plain = last
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"|?*]/gu, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '');
  const ending = `.${type}`;
  const isSame = plain.toLowerCase().endsWith(ending) || (type === 'jpg' && plain.toLowerCase().endsWith('.jpeg'));
  const given = isSame ? plain.slice(plain.lastIndexOf('.')) : ending;
  const stem = (isSame ? plain.slice(0, plain.lastIndexOf('.')) : plain) || 'file';
  // A half of a character at the cut is none.
  return stem.slice(0, FILE_NAME_CHARS_MAX - given.length).replace(/[\uD800-\uDBFF]$/, '') + given;
}
