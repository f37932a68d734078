import { type Logger, pino } from 'pino';
import type { CommonOptions } from './options.ts';

/** The log of what runs on and on, to standard error: a line of JSON each. */
export const createLog = ({ quiet }: CommonOptions): Logger =>
  pino({ level: quiet ? 'warn' : 'info', base: { pid: process.pid } }, pino.destination(2));
