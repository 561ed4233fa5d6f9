/** What every journey is given: a hub of its own with an empty region, and browsers of the people who meet there. */
import { expect, test as base, type BrowserContext, type Page } from '@playwright/test';
import { HubNode } from './hub-node.ts';
import { PASSWORD, setUpRegion } from './region.ts';

interface Journey {
  /** Whether the hub has its administrator and its region; without them it waits for its first start. */
  isSetUp: boolean;
  /** What the hub's environment says beside the usual. */
  environment: Record<string, string>;
  /** A hub over fresh data with the region set up. */
  hub: HubNode;
  /** A browser of one more person, signed in by name, or of a visitor. */
  openBrowser: (username?: string) => Promise<Page>;
  /** The page of a visitor. */
  visitor: Page;
}

interface Host {
  /** A process that opens one hub after another. */
  host: HubNode;
}

export const test = base.extend<Journey, Host>({
  host: [
    async ({}, use) => {
      const host = HubNode.start();
      await use(host);
      await host.end();
    },
    { scope: 'worker' },
  ],

  isSetUp: [true, { option: true }],
  environment: [{}, { option: true }],

  hub: async ({ host, isSetUp, environment }, use) => {
    await host.open(environment);
    if (isSetUp) await setUpRegion(host);
    await use(host);
    const faults = host.faults();
    await host.close();
    expect(faults, 'the hub logged no fault').toEqual([]);
  },

  baseURL: async ({ hub }, use) => {
    await use(hub.url);
  },

  openBrowser: async ({ browser, hub }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (username) => {
      const context = await browser.newContext();
      opened.push(context);
      if (username !== undefined) await signIn(context, hub, username);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },

  visitor: async ({ openBrowser }, use) => {
    await use(await openBrowser());
  },
});

export { expect };

/** Signs a browser in without its page: for journeys about something else. */
export async function signIn(context: BrowserContext, hub: HubNode, username: string): Promise<void> {
  const lines = await hub.signIn({ username, password: PASSWORD });
  await context.addCookies(
    lines.map((line) => {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url: hub.url };
    }),
  );
}

/** Counts how often a page was loaded anew: what changes without it came live. */
export function countLoads(page: Page): () => number {
  let loads = 0;
  page.on('load', () => (loads += 1));
  return () => loads;
}
