/** Configuration: read from the environment once, validated at start, refused in words. */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { S3Options } from '#models/blob/blob.s3.ts';
import { pushOriginOf } from '#models/push/push.ts';

const list = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.url({ protocol: /^https?$/ })));

const environmentSchema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  /** Public addresses of the hub, comma-separated: the origins whose pages may open sockets. Unset: the Host header of the request. */
  ORIGIN: list.optional(),
  /** MongoDB replica set. Unset: the embedded store over DATA_DIR. */
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//)
    .optional(),
  /** Redis between nodes. Unset: one node needs none. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//)
    .optional(),
  /** Where large files are kept: a bucket of a store that speaks S3. Unset: in the database. */
  BLOBS_URL: z
    .url({ protocol: /^s3\+https?$/ })
    .refine((text) => {
      const { username, password, pathname } = new URL(text);
      return username !== '' && password !== '' && pathname.length > 1;
    })
    .optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  /** Signs sessions and receipts; all nodes share it. Unset: made once and kept beside the embedded store. */
  SVOD_SECRET: z.string().min(32).optional(),
  /** How many proxies stand before the hub and may name the client's address. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(5).default(0),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  /** Sign-in attempts per address and minute. */
  SIGN_IN_PER_MINUTE: z.coerce.number().int().min(1).max(10_000).default(20),
  /** Registrations per address and hour. */
  REGISTRATIONS_PER_HOUR: z.coerce.number().int().min(1).max(100_000).default(60),
  /** Whether administrators and coordinators must sign in with a second factor, or may. */
  SECOND_FACTOR: z.enum(['required', 'offered']).default('required'),
  /** A session that nobody used for so long ends. */
  SESSION_IDLE_MINUTES: z.coerce.number().int().min(5).max(1_440).default(240),
  /** However much it is used, a session ends after so long. */
  SESSION_HOURS_MAX: z.coerce.number().int().min(1).max(168).default(16),
  /** The mail server. Unset: letters are kept and read by administrators. */
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//)
    .optional(),
  /** Whom letters are from: an address, or a name with one. */
  MAIL_FROM: z
    .string()
    .regex(/^([^<>\r\n]+ <)?[^\s<>@]+@[^\s<>@]+>?$/)
    .optional(),
  /** Push services beside those of browsers, comma-separated: only to them and to those does the hub send what devices are told. */
  PUSH_SERVICES: z
    .string()
    .transform((text) => text.split(',').map((part) => pushOriginOf(part.trim())))
    .pipe(z.array(z.string()).max(10))
    .optional(),
  /** Who may read the letters kept here; `everybody` is for demonstrations. */
  LETTERS_FOR: z.enum(['administrators', 'everybody']).default('administrators'),
  /** Worker threads that read workbooks. */
  WORKBOOK_THREADS: z.coerce.number().int().min(1).max(32).default(1),
  /** Worker threads that read scanned pages. */
  COLLECTOR_THREADS: z.coerce.number().int().min(1).max(64).default(1),
  /** Names the program that runs here, rising from release to release. Unset: the moment the pages were built. */
  SVOD_BUILD: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
});

export interface Config {
  host: string;
  port: number;
  origins: string[] | null;
  mongodbUri: string | null;
  redisUrl: string | null;
  blobs: S3Options | null;
  dataDir: string;
  secret: string | null;
  trustedProxies: number;
  logLevel: string;
  signInPerMinute: number;
  registrationsPerHour: number;
  secondFactor: 'required' | 'offered';
  sessionIdleMs: number;
  sessionAbsoluteMs: number;
  mail: { smtpUrl: string; from: string } | null;
  pushOrigins: string[];
  lettersFor: 'administrators' | 'everybody';
  workbookThreads: number;
  collectorThreads: number;
  build: string | null;
}

/** A start that can't succeed as things stand; `message` tells a person what to change, without values: they may be secrets. */
export class ConfigError extends Error {}

const NEEDS: Record<string, string> = {
  PORT: 'a whole number from 0 to 65535',
  ORIGIN: 'one or more addresses like https://svod.example.org, separated by commas',
  MONGODB_URI: 'an address like mongodb://host:27017/svod?replicaSet=rs0',
  REDIS_URL: 'an address like redis://host:6379',
  BLOBS_URL: 'an address like s3+https://KEY:SECRET@host/bucket?region=ru-central1',
  SVOD_SECRET: 'at least 32 characters, the same on every node (openssl rand -hex 32)',
  TRUSTED_PROXIES: 'a whole number from 0 to 5',
  LOG_LEVEL: 'one of fatal, error, warn, info, debug, silent',
  SIGN_IN_PER_MINUTE: 'a whole number from 1 to 10000',
  REGISTRATIONS_PER_HOUR: 'a whole number from 1 to 100000',
  SECOND_FACTOR: 'required or offered',
  SESSION_IDLE_MINUTES: 'a whole number from 5 to 1440',
  SESSION_HOURS_MAX: 'a whole number from 1 to 168',
  SMTP_URL: 'an address like smtps://user:password@mail.example.org:465',
  MAIL_FROM: 'an address like svod@example.org, or a name with one: Svod <svod@example.org>',
  PUSH_SERVICES: 'up to 10 addresses like https://push.example.org, separated by commas; http only for this machine',
  LETTERS_FOR: 'administrators or everybody',
  WORKBOOK_THREADS: 'a whole number from 1 to 32',
  COLLECTOR_THREADS: 'a whole number from 1 to 64',
  SVOD_BUILD: 'digits, more with every release',
};

/** Reads the environment. Errors: ConfigError naming every wrong variable at once; values are not repeated, they may be secrets. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  // An empty variable is an unset one: compose files pass `VAR=`.
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))];
    throw new ConfigError(names.map((name) => `${name} needs ${NEEDS[name] ?? 'another value'}`).join('; '));
  }
  const env = parsed.data;
  if (env.MONGODB_URI && !env.SVOD_SECRET)
    throw new ConfigError(`SVOD_SECRET is missing: with MONGODB_URI it needs ${NEEDS['SVOD_SECRET'] ?? ''}`);
  if (env.SMTP_URL && !env.MAIL_FROM)
    throw new ConfigError(`MAIL_FROM is missing: with SMTP_URL it needs ${NEEDS['MAIL_FROM'] ?? ''}`);
  return {
    host: env.HOST,
    port: env.PORT,
    origins: env.ORIGIN ?? null,
    mongodbUri: env.MONGODB_URI ?? null,
    redisUrl: env.REDIS_URL ?? null,
    blobs: env.BLOBS_URL ? s3Options(env.BLOBS_URL) : null,
    dataDir: resolve(env.DATA_DIR),
    secret: env.SVOD_SECRET ?? null,
    trustedProxies: env.TRUSTED_PROXIES,
    logLevel: env.LOG_LEVEL,
    signInPerMinute: env.SIGN_IN_PER_MINUTE,
    registrationsPerHour: env.REGISTRATIONS_PER_HOUR,
    secondFactor: env.SECOND_FACTOR,
    sessionIdleMs: env.SESSION_IDLE_MINUTES * 60_000,
    sessionAbsoluteMs: env.SESSION_HOURS_MAX * 3_600_000,
    mail: env.SMTP_URL && env.MAIL_FROM ? { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM } : null,
    pushOrigins: env.PUSH_SERVICES ?? [],
    lettersFor: env.LETTERS_FOR,
    workbookThreads: env.WORKBOOK_THREADS,
    collectorThreads: env.COLLECTOR_THREADS,
    build: env.SVOD_BUILD ?? null,
  };
}

/** The protocol stands before the address, the keys in it, the region behind it. */
function s3Options(text: string): S3Options {
  const { protocol, username, password, host, pathname, searchParams } = new URL(text);
  return {
    url: `${protocol.slice('s3+'.length)}//${host}${pathname}`,
    region: searchParams.get('region') ?? 'us-east-1',
    accessKey: decodeURIComponent(username),
    secretKey: decodeURIComponent(password),
  };
}
