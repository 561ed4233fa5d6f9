import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const refusal = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

describe('the configuration', () => {
  it('needs nothing for one machine', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      mongodbUri: null,
      redisUrl: null,
      origins: null,
    });
  });

  it('takes an empty variable for an unset one', () => {
    expect(readConfig({ MONGODB_URI: '', REDIS_URL: '' })).toMatchObject({ mongodbUri: null, redisUrl: null });
  });

  it('names every wrong variable at once, and what each needs', () => {
    const told = refusal({ PORT: '70000', REDIS_URL: 'localhost', LOG_LEVEL: 'loud' });
    expect(told).toContain('PORT needs a whole number from 0 to 65535');
    expect(told).toContain('REDIS_URL needs');
    expect(told).toContain('LOG_LEVEL needs one of');
  });

  it('does not repeat a value: it may be a secret', () => {
    expect(refusal({ SVOD_SECRET: 'short-secret' })).not.toContain('short-secret');
  });

  it('[S1-42] knows push services beside those of browsers, up to ten, and without TLS on the machine itself only', () => {
    expect(readConfig({ PUSH_SERVICES: 'https://push.example.org, http://127.0.0.1:8080/' }).pushOrigins).toEqual([
      'https://push.example.org',
      'http://127.0.0.1:8080',
    ]);
    expect(readConfig({}).pushOrigins).toEqual([]);
    const many = (count: number) => Array.from({ length: count }, (_, n) => `https://push-${n}.example.org`).join(',');
    expect(refusal({ PUSH_SERVICES: many(10) })).toBe('');
    for (const wrong of ['http://push.example.org', 'https://push.example.org/path', many(11)])
      expect(refusal({ PUSH_SERVICES: wrong })).toContain('PUSH_SERVICES needs');
  });

  it('demands a secret where several nodes share a database', () => {
    expect(refusal({ MONGODB_URI: 'mongodb://db/svod' })).toContain('SVOD_SECRET is missing');
  });
});
