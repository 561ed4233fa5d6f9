/** The tree as it is opened: what hangs under a unit is fetched when its line opens. */
import type { TreeLine } from '#models/org/unit.queries.ts';

interface Branch {
  state: 'loading' | 'loaded' | 'failed';
  lines: TreeLine[];
}

export class UnitTree {
  open = $state.raw<readonly string[]>([]);
  branches = $state.raw<Readonly<Record<string, Branch>>>({});

  /** `roots` come with what hangs directly under them. */
  constructor(roots: readonly { root: TreeLine; children: TreeLine[] }[]) {
    this.take(roots);
    this.open = roots.map(({ root }) => root.unit.id);
  }

  take(roots: readonly { root: TreeLine; children: TreeLine[] }[]): void {
    const known = roots.map(({ root, children }): [string, Branch] => [
      root.unit.id,
      { state: 'loaded', lines: children },
    ]);
    this.branches = Object.fromEntries(known);
  }

  toggle(id: string): void {
    if (this.open.includes(id)) {
      this.open = this.open.filter((one) => one !== id);
      return;
    }
    this.open = [...this.open, id];
    if (this.branches[id]?.state !== 'loaded') void this.#load(id);
  }

  async #load(id: string): Promise<void> {
    this.#set(id, { state: 'loading', lines: [] });
    try {
      const response = await fetch(`/units/${id}/children`);
      if (!response.ok) throw new Error(String(response.status));
      this.#set(id, { state: 'loaded', lines: (await response.json()) as TreeLine[] });
    } catch {
      // Said in the line itself; opening it again tries again.
      this.#set(id, { state: 'failed', lines: [] });
    }
  }

  #set(id: string, branch: Branch): void {
    this.branches = { ...this.branches, [id]: branch };
  }
}
