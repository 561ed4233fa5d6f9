/**
 * Which deeds of this node are committed together, and which wait. Deeds that share a stream would abort each other in the
 * database: here they stand in line, and whatever has gathered behind one commit goes as one group with the next. Pure but for
 * the promises; knows nothing of the database.
 */

/** A deed in the queue. */
export interface Waiting {
  /** The streams it writes to; none for a deed that announces nothing. */
  readonly streams: readonly string[];
  /** How many events it appends. */
  readonly events: number;
}

export interface GroupLimits {
  /** Deeds in one group; more wait for the next. */
  deedsPerGroupMax: number;
  /** Events in one group; a single deed with more goes alone. */
  eventsPerGroupMax: number;
  /** Groups under way at once, on disjoint streams. */
  groupsAtOnceMax: number;
  /** Deeds that wait or are under way; `push` says false beyond. */
  deedsWaitingMax: number;
}

export interface GroupQueue<Deed extends Waiting> {
  /** Takes a deed in; false when the queue is full. */
  push(deed: Deed): boolean;
}

/** `commit` settles the deeds of its group itself and never rejects. Groups that share a stream are committed one after another, in the order of `push`. */
export function createGroupQueue<Deed extends Waiting>(
  limits: GroupLimits,
  commit: (group: Deed[]) => Promise<void>,
): GroupQueue<Deed> {
  let pending: Deed[] = [];
  let underWay = 0;
  let running = 0;
  const busy = new Set<string>();
  /** How many deeds, waiting or under way, hold a stream. */
  const holders = new Map<string, number>();

  function hold({ streams }: Deed): void {
    for (const stream of streams) holders.set(stream, (holders.get(stream) ?? 0) + 1);
  }
  function letGo({ streams }: Deed): void {
    for (const stream of streams) {
      const left = (holders.get(stream) ?? 1) - 1;
      if (left === 0) holders.delete(stream);
      else holders.set(stream, left);
    }
  }

  function start(group: Deed[]): void {
    const streams = group.flatMap((deed) => deed.streams);
    for (const stream of streams) busy.add(stream);
    running += 1;
    underWay += group.length;
    void commit(group).finally(() => {
      for (const stream of streams) busy.delete(stream);
      for (const deed of group) letGo(deed);
      running -= 1;
      underWay -= group.length;
      startWhatMay();
    });
  }

  function startWhatMay(): void {
    while (running < limits.groupsAtOnceMax && pending.length > 0) {
      const group = nextGroup(pending, busy, limits);
      if (group.length === 0) return;
      const taken = new Set(group);
      pending = pending.filter((deed) => !taken.has(deed));
      start(group);
    }
  }

  return {
    push(deed) {
      if (pending.length + underWay >= limits.deedsWaitingMax) return false;
      const mayStart = running < limits.groupsAtOnceMax && !deed.streams.some((stream) => holders.has(stream));
      hold(deed);
      // Whoever shares no stream with anybody need not look through the whole line.
      if (mayStart) start([deed]);
      else pending.push(deed);
      return true;
    },
  };
}

/**
 * The first deed whose streams are free, and those behind it that share a stream with the group. Nobody overtakes: a deed that
 * stays behind keeps its streams for itself.
 */
export function nextGroup<Deed extends Waiting>(
  pending: readonly Deed[],
  busy: ReadonlySet<string>,
  limits: Pick<GroupLimits, 'deedsPerGroupMax' | 'eventsPerGroupMax'>,
): Deed[] {
  const kept = new Set(busy);
  const own = new Set<string>();
  const group: Deed[] = [];
  let events = 0;
  for (const deed of pending) {
    const belongs = group.length === 0 || deed.streams.some((stream) => own.has(stream));
    const fits = group.length === 0 || events + deed.events <= limits.eventsPerGroupMax;
    if (belongs && fits && !deed.streams.some((stream) => kept.has(stream))) {
      group.push(deed);
      events += deed.events;
      for (const stream of deed.streams) own.add(stream);
      if (group.length >= limits.deedsPerGroupMax || deed.streams.length === 0) return group;
    } else for (const stream of deed.streams) kept.add(stream);
  }
  return group;
}
