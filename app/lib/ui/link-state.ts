/** The line between this page and the hub, as the reader is told of it. */
export type LinkStatus = { status: 'live' } | { status: 'catchingUp' } | { status: 'lost'; since: string };
