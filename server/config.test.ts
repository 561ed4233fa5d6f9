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

  it('demands a secret where several nodes share a database', () => {
    expect(refusal({ MONGODB_URI: 'mongodb://db/svod' })).toContain('SVOD_SECRET is missing');
  });
});
