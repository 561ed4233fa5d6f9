/** What a browser calls itself, in words for people: «Chrome, Windows». */
import Bowser from 'bowser';
import { m } from '#lib/paraglide/messages.js';

export function deviceName(agent: string): string {
  if (agent === '') return m.device_unknown();
  const { browser, os } = Bowser.parse(agent);
  if (browser.name === undefined || browser.name === '') return agent.slice(0, 80);
  return os.name === undefined ? browser.name : m.device_on({ browser: browser.name, system: os.name });
}
