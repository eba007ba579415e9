/** Memory of idle keep-alive connections: the measurement `idle` of run.mjs by itself. */
import { idleTable, measureIdle } from './parts/idle.mjs';
import { findMachine, printJson, printText, readArguments, say, wholeNumber } from './parts/settings.mjs';

const HELP = `node bench/idle.mjs

  --connections N   connections to hold (10000)
  --undertow        build the Undertow peer first, if it is not built yet (Maven)
  --json            one JSON document on stdout`;

const { values } = readArguments(
  HELP,
  {
    connections: { type: 'string', default: '10000' },
    undertow: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  false,
);
const connections = wholeNumber('connections', values.connections, 100_000);
const result = await measureIdle({ ...findMachine(values.undertow), connections, say });
if (values.json) printJson({ schemaVersion: 1, ...result });
else printText(idleTable(result));
