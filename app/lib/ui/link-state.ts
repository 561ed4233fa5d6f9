/** The line between this page and the hub, as the reader is told of it. `since` is already written as a time: «12:04:31». */
export type LinkStatus =
  | { status: 'live' }
  /** `behind` is how many changes are known to be missing; 0 while nobody knows yet. */
  | { status: 'catchingUp'; behind: number }
  | { status: 'stale'; since: string }
  | { status: 'lost'; since: string }
  | { status: 'signedOut' }
  | { status: 'closed' }
  | { status: 'outdated' };
