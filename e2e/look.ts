/** Looking at a page: wide and narrow, in the light and in the dark, with the eyes and with a screen reader. */
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContextOptions, Page } from '@playwright/test';
import { expect } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import {
  downloadTemplate,
  fixtureFile,
  institution,
  letIn,
  register,
  SCHOOL,
  sendFile,
  submissionsOf,
} from './region.ts';

/** Where pictures for the documentation go; unset: none are taken. */
const PICTURES = process.env['SCREENSHOTS'];

const ALL_LOOKS = [
  { name: '1440-light', width: 1440, height: 900, colorScheme: 'light' },
  { name: '390-dark', width: 390, height: 844, colorScheme: 'dark' },
  { name: '1440-dark', width: 1440, height: 900, colorScheme: 'dark' },
  { name: '390-light', width: 390, height: 844, colorScheme: 'light' },
] as const;
/** The first two have each width and each colour once: colours don't change a layout, nor widths a contrast. Pictures are of all four. */
export const LOOKS = PICTURES === undefined ? ALL_LOOKS.slice(0, 2) : ALL_LOOKS;
export type Look = (typeof LOOKS)[number];

export const contextOf = ({ width, height, colorScheme }: Look): BrowserContextOptions => ({
  viewport: { width, height },
  colorScheme,
  reducedMotion: 'reduce',
});

/** One page to look at. */
export interface Sight {
  name: string;
  path: string;
  /** Who looks; a visitor when absent. */
  username?: string;
  /** What must be there before it is looked at. */
  heading: string | RegExp;
  /** Whether the documentation shows it. */
  isPictured?: boolean;
  /** Whether it is the answer to an address that leads nowhere. */
  isMissing?: boolean;
}

/** Opens a page in one look and holds it to what every page owes: no axe finding, no sideways scrolling, a quiet console. */
export async function look(page: Page, sight: Sight, { name, width }: Look): Promise<void> {
  const complaints: string[] = [];
  page.on('console', (message) => {
    // The browser itself tells that the page was answered with 404, where that is the page looked at.
    const isPageItself = new URL(message.location().url, page.url()).pathname === sight.path;
    if (['error', 'warning'].includes(message.type()) && !(sight.isMissing && isPageItself))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(sight.path, { waitUntil: 'networkidle' });
  await expect(page.getByRole('heading', { name: sight.heading }).first()).toBeVisible();
  await page.evaluate(() => document.fonts.ready);

  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const findings = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  expect.soft(findings, `${sight.name} ${name}: axe`).toEqual([]);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth);
  expect.soft(sideways, `${sight.name} ${name}: width of the page`).toBeLessThanOrEqual(width);
  expect.soft(complaints, `${sight.name} ${name}: console`).toEqual([]);

  if (PICTURES !== undefined && sight.isPictured)
    await page.screenshot({ path: join(PICTURES, `${sight.name}-${name}.png`), fullPage: sight.name !== 'board' });
}

/** A region in the middle of its work: every state of a row, and one institution of each kind of cabinet. */
export async function fillRegion(hub: HubNode): Promise<string> {
  for (const number of [1, 2, 4, 5]) await letIn(hub, institution(number));
  for (const number of [1, 2, 4]) await downloadTemplate(hub, institution(number));
  await sendFile(hub, SCHOOL, await fixtureFile('errors.xls'));
  await sendFile(hub, institution(2), await fixtureFile('foreign-institution.xls'));
  await sendFile(hub, institution(4), await fixtureFile('good.xls'), false);
  await expect.poll(async () => (await submissionsOf(hub, SCHOOL))[0]?.status).toBe('failed');
  await expect.poll(async () => (await submissionsOf(hub, institution(2)))[0]?.status).toBe('processed');
  return register(hub, institution(6));
}
