/** What the program says about itself: the log. */
export { createLog, type LogSettings } from './log.ts';
export { LOG_LEVELS, type Log, type LogFields, type LogLevel } from './types.ts';
