import { expect, it } from 'vitest';
import { nearestZone } from './zone.ts';

it('is the nearest above, and Moscow’s where nobody says', () => {
  const region = { path: '/fed/63/', zone: 'Europe/Samara' };
  const municipality = { path: '/fed/63/m1/', zone: null };
  expect(nearestZone([region, municipality, { path: '/fed/', zone: 'Europe/Moscow' }])).toBe('Europe/Samara');
  expect(nearestZone([region, { ...municipality, zone: 'Europe/Saratov' }])).toBe('Europe/Saratov');
  expect(nearestZone([municipality])).toBe('Europe/Moscow');
});
