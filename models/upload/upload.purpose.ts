/** What files are sent for: each purpose says who may send, what it takes, and what becomes of a file that is here. */
import type { Person } from '../people/person.ts';
import type { UploadOf, UploadOutcome } from './upload.ts';

export interface UploadPurpose {
  /** Resolves with the path of the target's territory when the person may send there. Errors: HubError `not_allowed`, or why nothing may be sent now. */
  authorize(person: Person, target: string): Promise<{ path: string }>;
  /** Whether the person may send there at all, though nothing may be sent now: he hears what became of what was. Errors: HubError `not_allowed`. */
  authorizeSender(person: Person, target: string): Promise<void>;
  /** Whether the person may see what is under way there: whoever may send, and whoever answers for it. Errors: HubError `not_allowed`. */
  authorizeView(person: Person, target: string): Promise<void>;
  limits: { bytesMax: number };
  /** Refuses a file by its name, before a byte is sent; its content is looked at when it is here. Errors: HubError. */
  accepts(name: string): void;
  /**
   * The file is stored whole: take it over by its blob, which is the purpose's from now on. May be called again for the same upload,
   * after the death of a node: keyed by its id. Errors: HubError refuses the file, and its blob is thrown away.
   */
  received(upload: UploadOf<'stored'>): Promise<void>;
  /** What became of a file that was taken over. */
  outcome(upload: UploadOf<'stored'>): Promise<UploadOutcome>;
}

/** By their names. */
export type UploadPurposes = Readonly<Record<string, UploadPurpose>>;
