import type { Command } from '../src/cli/command.ts';
import { command as advertiseListen } from './advertise-listen.ts';
import { command as advertiseSend } from './advertise-send.ts';
import { command as certsDev } from './certs-dev.ts';
import { command as completion } from './completion.ts';
import { command as conformanceBalancer } from './conformance-balancer.ts';
import { command as conformanceNode } from './conformance-node.ts';
import { command as demo } from './demo.ts';
import { command as drain } from './drain.ts';
import { command as explain } from './explain.ts';
import { command as exporter } from './exporter.ts';
import { command as nodeSim } from './node-sim.ts';
import { command as nodeSimCtl } from './node-sim-ctl.ts';
import { command as send } from './send.ts';
import { command as serve } from './serve.ts';
import { command as tui } from './tui.ts';

/** All subcommands, in the order in which the help lists them. */
export const commands: readonly Command[] = [
  demo,
  serve,
  tui,
  nodeSim,
  nodeSimCtl,
  advertiseListen,
  advertiseSend,
  send,
  drain,
  explain,
  conformanceBalancer,
  conformanceNode,
  exporter,
  certsDev,
  completion,
];
