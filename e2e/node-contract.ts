/** What the tests and a node of theirs say to each other. */
export type Ask =
  | { kind: 'open'; environment: Record<string, string> }
  | { kind: 'close' }
  | { kind: 'clock'; atMs: number; isStanding: boolean }
  | { kind: 'now' }
  | { kind: 'signIn'; credentials: { username: string; password: string } }
  | { kind: 'deed'; part: string; deed: string; given: unknown[] };

export interface NodeQuestion {
  id: number;
  ask: Ask;
}

export type NodeAnswer = { id: number; value: unknown } | { id: number; error: string };
